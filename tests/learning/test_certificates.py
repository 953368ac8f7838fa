import dataclasses
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openbadgeslib.ob3.verifier import OB3Verifier

from assistant.errors import InputError
from assistant.learning.certificates import LABELS, Entry, Keys, Register, Shown, digest, shown_in, verify
from assistant.learning.papers import read, shows

SHOWN = Shown(
    "Ada Example", "A course", "Module 1 (version 1)", "An Act; Some guidance (2016)", "2026-11-24", "A partnership",
    "0123 4567 89AB CDEF", "https://guide.example/certificate/0123456789ABCDEF",
)  # fmt: skip


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    keys = Keys(tmp_path_factory.mktemp("keys") / "keys")
    keys.make()
    return keys


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path / "records.db")


def test_what_is_signed_is_what_is_shown(keys):
    assert verify(keys.sign(SHOWN), keys.public()) == SHOWN


def test_another_library_verifies_the_credential_as_an_open_badge(tmp_path):
    folder = tmp_path / "keys"
    own = Keys(folder)
    found = OB3Verifier(next(iter(_public(own, folder)))).verify(own.sign(SHOWN))
    assert found.identifiers[0].identity_hash == SHOWN.name
    assert (found.achievement.name, found.issuer.name) == (SHOWN.course, SHOWN.issuer)


def _public(keys, folder):
    keys.make()
    return [path.read_bytes() for path in folder.glob("*.pub")]


@given(field=st.sampled_from(list(LABELS)), value=st.text(min_size=1, max_size=40))
def test_a_paper_altered_in_any_field_is_not_what_was_signed(field, value):
    altered = dataclasses.replace(SHOWN, **{field: value})
    words = "Certificate " + " ".join(f"{label} {text}" for _, label, text in altered.rows())
    assert shows(words, SHOWN) is ("".join(value.split()) == "".join(getattr(SHOWN, field).split()))


@given(place=st.integers(0, 2000), letter=st.sampled_from("ABCXYZabcxyz0189-_"))
def test_a_token_altered_in_any_letter_is_refused(keys, place, letter):
    token = keys.sign(SHOWN)
    place %= len(token)
    altered = token[:place] + letter + token[place + 1 :]
    try:
        found = verify(altered, keys.public())
    except InputError:
        return
    assert found == SHOWN  # the last letter of a base64 part may hold bits that mean nothing


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_of_another_algorithm_is_refused(keys, algorithm):
    kid = keys.public()["keys"][0]["kid"]
    secret = None if algorithm == "none" else "x" * 40
    token = jwt.encode({"id": "x"}, secret, algorithm=algorithm, headers={"kid": kid})
    with pytest.raises(InputError):
        verify(token, keys.public())


def test_another_service_s_certificate_is_refused(keys, tmp_path):
    other = Keys(tmp_path / "other")
    with pytest.raises(InputError, match="known"):
        verify(other.sign(SHOWN), keys.public())


def test_old_certificates_verify_after_the_key_has_changed(tmp_path):
    keys = Keys(tmp_path / "keys")
    before = keys.sign(SHOWN)
    keys.rotate()
    after = keys.sign(SHOWN)
    assert before != after
    assert verify(before, keys.public()) == verify(after, keys.public()) == SHOWN
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1


def test_private_keys_can_be_read_by_their_owner_alone(tmp_path):
    keys = Keys(tmp_path / "keys")
    keys.make()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").iterdir())
    assert "d" not in keys.public()["keys"][0]


def test_a_credential_of_another_kind_is_told_plainly():
    with pytest.raises(InputError, match="not a certificate"):
        shown_in({"id": "x"})


def test_the_register_confirms_a_name_and_holds_none_SS07(register):
    assert register.enter("0123456789ABCDEF", SHOWN, {"act": "1 / in_force"}, "secret")
    assert register.names("0123456789ABCDEF", "  ada   EXAMPLE ", "secret")
    assert not register.names("0123456789ABCDEF", "Eve Example", "secret")
    entry = Entry(SHOWN.course, SHOWN.modules, SHOWN.guidance, SHOWN.issued, {"act": "1 / in_force"})
    assert register.find("0123456789ABCDEF") == entry
    held = b"".join(path.read_bytes() for path in register._store.path.parent.iterdir())
    assert b"Ada" not in held
    assert b"0123456789ABCDEF" not in held


def test_entering_twice_is_one_entry_and_another_name_is_refused(register):
    assert register.enter("0123456789ABCDEF", SHOWN, {}, "secret")
    assert register.enter("0123456789ABCDEF", SHOWN, {}, "secret")
    assert not register.enter("0123456789ABCDEF", dataclasses.replace(SHOWN, name="Eve"), {}, "secret")


def test_a_withdrawn_certificate_stands_on_the_list(register):
    register.enter("0123456789ABCDEF", SHOWN, {}, "secret")
    assert not register.revoke("FFFFFFFFFFFFFFFF")
    assert register.revoke("0123456789ABCDEF")
    assert register.find("0123456789ABCDEF").revoked
    assert register.revoked() == [digest("0123456789ABCDEF")]


def test_entries_are_kept_for_their_time_SP06(register):
    register.enter("0123456789ABCDEF", SHOWN, {}, "secret")
    assert register.purge(datetime.now(UTC), timedelta(days=1)) == 0
    assert register.purge(datetime.now(UTC) + timedelta(days=2), timedelta(days=1)) == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"<p>hello</p>", b"\xff\xfe", b"eyJ a b"])
def test_a_file_without_a_certificate_is_told_plainly(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match="holds no certificate"):
        read(path)


def test_a_file_that_is_missing_or_too_large_is_told_plainly(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nothing")
    (tmp_path / "large").write_bytes(b"x" * 2_000_001)
    with pytest.raises(InputError, match="too large"):
        read(tmp_path / "large")


@given(
    start=st.sampled_from([b"", b"%PDF-1.7\n", b"<html><head><meta name='credential' content='x'>", b"eyJ"]), rest=st.binary(max_size=400)
)
def test_any_file_is_read_or_refused_SS11(tmp_path_factory, keys, start, rest):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(start + rest)
    try:
        token, _ = read(path)
        verify(token, keys.public())
    except InputError:
        return
    pytest.fail("a file of chance was taken for a certificate")
