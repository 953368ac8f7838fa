import dataclasses

import pytest

from assistant.errors import SettingsError
from assistant.settings import HOME, from_environment, signing_secret
from tests.conftest import make_settings


@pytest.mark.parametrize("secret", ["", "short", "secret", "a" * 40, "changeme"])
def test_production_refuses_a_weak_secret_without_showing_it_SS14(tmp_path, secret):
    settings = dataclasses.replace(make_settings(tmp_path), production=True, secret=secret)
    with pytest.raises(SettingsError) as told:
        signing_secret(settings)
    assert len(str(told.value).splitlines()) == 1
    assert len(secret) < 32 or secret not in str(told.value)


def test_production_refuses_a_data_folder_open_to_others_SS14(tmp_path):
    tmp_path.chmod(0o755)
    settings = dataclasses.replace(make_settings(tmp_path), production=True)
    with pytest.raises(SettingsError, match="read by others"):
        signing_secret(settings)
    tmp_path.chmod(0o750)
    assert signing_secret(settings) == settings.secret


def test_development_makes_a_secret_once_for_its_owner_alone(tmp_path):
    settings = dataclasses.replace(make_settings(tmp_path), secret="")
    made = signing_secret(settings)
    assert signing_secret(settings) == made
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSISTANT_ENCODER", "abacus"),
        ("ASSISTANT_PROXIES", "many"),
        ("ASSISTANT_SECOND_MODEL", "third"),
        ("ASSISTANT_THIRD_MODEL", "second"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        from_environment()


def test_hosts_are_read_from_a_list(monkeypatch):
    assert from_environment().hosts == frozenset()
    monkeypatch.setenv("ASSISTANT_HOSTS", "Reviews.example.org, www.example.org,")
    assert from_environment().hosts == {"reviews.example.org", "www.example.org"}


def test_another_folder_for_the_index_leaves_the_models_where_they_are(monkeypatch, tmp_path):
    usual = from_environment()
    moved = from_environment(index=tmp_path / "index")
    assert (moved.index, moved.models, moved.records) == (tmp_path / "index", usual.models, usual.records)
    monkeypatch.setenv("ASSISTANT_INDEX", str(tmp_path / "other"))
    assert from_environment().index == tmp_path / "other"
    assert from_environment(index=tmp_path / "index").index == tmp_path / "index"


def test_the_models_beside_the_first_go_with_it_alone(monkeypatch):
    assert (from_environment().second, from_environment().third) == ("all-mpnet-base-v2", "all-minilm-l6-v2")
    monkeypatch.setenv("ASSISTANT_THIRD_MODEL", "none")
    assert (from_environment().second, from_environment().third) == ("all-mpnet-base-v2", "none")
    monkeypatch.delenv("ASSISTANT_THIRD_MODEL")
    monkeypatch.setenv("ASSISTANT_MODEL", "all-minilm-l6-v2")
    assert (from_environment().second, from_environment().third) == ("none", "none")


def test_the_corpus_it_was_set_up_with_serves_in_a_folder_that_has_none(tmp_path, monkeypatch):
    monkeypatch.delenv("ASSISTANT_HOME", raising=False)
    monkeypatch.delenv("ASSISTANT_CORPUS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert from_environment().corpus == HOME / "corpus"
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "corpus.yaml").write_text("")
    assert from_environment().corpus == tmp_path / "corpus"
