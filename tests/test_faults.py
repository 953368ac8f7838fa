"""Things that go wrong under the service: killed, full, locked, damaged, a wrong clock. What was confirmed stays, and pages go on."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from assistant import bootstrap
from assistant.content.folder import BUILT_IN, load, read
from assistant.errors import StoreFault
from assistant.learning import store
from assistant.learning.attempts import respond, start
from assistant.learning.records import Records
from tests.conftest import FIXTURE, HOME, make_settings

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from assistant.content.folder import load
from assistant.learning.attempts import respond, start
from assistant.learning.records import Records
records, quiz, now = Records(Path(sys.argv[1])), load(Path(sys.argv[2])).quizzes["small"], datetime(2026, 11, 22, tzinfo=UTC)
for number in range(100_000):
    records.save(respond(start(quiz, f"learner-{number}", number, now), quiz.item("s-1"), (1,)), now)
    print(number, flush=True)
"""
BUILDER = """
import sys
from pathlib import Path
from assistant import bootstrap
from assistant.content.folder import load
from tests.conftest import make_settings
settings = make_settings(Path(sys.argv[1]), Path(sys.argv[2]))
print("ready", flush=True)
while True:
    bootstrap.build_index(settings, load(settings.corpus), lambda _done, _all: None)
    print("built", flush=True)
"""


def running(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=HOME, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def quiz():
    return load(FIXTURE).quizzes["small"]


def test_what_was_confirmed_survives_kill_9_SR01_SR08(tmp_path, quiz):
    path = tmp_path / "records.db"
    writer = running(WRITER, path, FIXTURE)
    confirmed = [int(writer.stdout.readline()) for _ in range(12)]
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    records = Records(path)
    for number in confirmed:
        (attempt,) = records.attempts(f"learner-{number}", "small")
        assert attempt.given["s-1"].response == (1,)
    with sqlite3.connect(path) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_rebuild_that_is_killed_leaves_the_index_in_use_SR02_SR08(tmp_path):
    settings = make_settings(tmp_path, FIXTURE)
    bootstrap.build_index(settings, load(FIXTURE), lambda _done, _all: None)
    for delay in (0.0, 0.01, 0.03, 0.1):
        builder = running(BUILDER, tmp_path, FIXTURE)
        builder.stdout.readline()
        time.sleep(delay)
        builder.send_signal(signal.SIGKILL)
        builder.wait()
        builder.stdout.close()
        assert bootstrap.assemble(settings).notice == ""
    bootstrap.build_index(settings, load(FIXTURE), lambda _done, _all: None)
    assert len([path for path in settings.index.iterdir() if path.is_dir()]) == 1


def test_two_rebuilds_at_once_leave_one_whole_index_SR08(tmp_path):
    settings = make_settings(tmp_path, FIXTURE)
    builders = [running(BUILDER, tmp_path, FIXTURE) for _ in range(2)]
    for builder in builders:
        assert [builder.stdout.readline().strip() for _ in range(4)] == ["ready", "built", "built", "built"]
    for builder in builders:
        builder.send_signal(signal.SIGKILL)
        builder.wait()
        builder.stdout.close()
    bootstrap.build_index(settings, load(FIXTURE), lambda _done, _all: None)
    assert bootstrap.assemble(settings).notice == ""


def test_a_write_without_space_is_refused_and_what_stood_stays_SR01_SR08(tmp_path, quiz):
    records = Records(tmp_path / "records.db")
    kept = respond(start(quiz, "kept", 1, NOW), quiz.item("s-1"), (1,))
    records.save(kept, NOW)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); exec(sys.stdin.read())"
    )
    tried = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "records.db"), str(FIXTURE)],
        input=WRITER, cwd=HOME, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert "StoreFault" in tried.stderr
    assert records.attempts("kept", "small") == (kept,)


def test_a_locked_file_is_told_in_time_and_reading_goes_on_SR03_SR08(client, assembly, monkeypatch):
    monkeypatch.setattr(store, "WAIT", 0.1)
    path = assembly.settings.records
    Records(path).attempts("nobody", "small")
    holder = sqlite3.connect(path, isolation_level=None)
    try:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreFault, match="locked"):
            Records(path).read_lesson("me", "m", "l", NOW)
        token = client.token("/module/1")
        response = client.post("/module/1", data={"token": token})
        assert response.status_code == 503
        assert "could not be kept just now" in response.text
        assert "<blockquote>" in client.ask("who pays for the review").text
        assert client.get("/way/1/2").status_code == 200
        assert client.get("/leave").status_code in {302, 303}
    finally:
        holder.close()


def test_a_damaged_record_file_is_told_and_left_as_it_is_SR08(tmp_path, quiz):
    path = tmp_path / "records.db"
    records = Records(path)
    records.save(start(quiz, "me", 1, NOW), NOW)
    whole = path.read_bytes()
    path.write_bytes(b"\xff" + whole[1:])
    with pytest.raises(StoreFault, match=r"records\.db"):
        records.attempts("me", "small")
    assert path.read_bytes()[1:] == whole[1:]
    path.write_bytes(whole)
    assert len(records.attempts("me", "small")) == 1


def test_a_clock_that_was_moved_deletes_nothing_that_is_new_SR08(tmp_path, quiz):
    records = Records(tmp_path / "records.db")
    ahead = NOW + timedelta(days=3650)
    records.save(start(quiz, "me", 1, ahead), ahead)
    records.save(start(quiz, "me", 2, NOW), NOW)
    assert len(records.attempts("me", "small")) == 2


def test_answers_rest_while_the_switch_is_there_and_help_is_heard_SR04(client, assembly):
    switch = assembly.settings.answers_off
    switch.touch()
    try:
        resting = client.ask("he is going to kill me. how long does a review take")
        assert resting.status_code == 503
        assert "Answers are resting" in resting.text
        assert 'data-help="immediate_danger"' in resting.text
        assert "how long does a review take" in resting.text
        assert client.get("/way/1/2").status_code == 200
    finally:
        switch.unlink()
    assert "<blockquote>" in client.ask("who pays for the review").text


def test_a_data_folder_that_cannot_be_written_stops_no_page_SR03(tmp_path):
    settings = make_settings(tmp_path / "gone", FIXTURE)
    (tmp_path / "gone").mkdir(exist_ok=True)
    shutil.rmtree(tmp_path / "gone")
    (tmp_path / "gone").write_text("a file where a folder should be")
    found = bootstrap.assemble(settings)
    assert found.notice
    assert found.retriever.search("blue form")
    with pytest.raises(StoreFault):
        found.records.attempts("me", "small")


def test_a_worker_that_is_killed_leaves_its_open_files_to_the_next_SR08(tmp_path):
    path = tmp_path / "records.db"
    with ThreadPoolExecutor(3) as pool:
        writers = [running(WRITER, path, FIXTURE) for _ in range(3)]
        first = list(pool.map(lambda w: w.stdout.readline(), writers))
    assert all(re.fullmatch(r"\d+\n", line) for line in first)
    os.kill(writers[0].pid, signal.SIGKILL)
    assert writers[1].stdout.readline()
    for writer in writers:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert Records(path).attempts("learner-0", "small")


@pytest.mark.parametrize("damage", [None, b"", b"- id: [", b"- {id: emergency}", b"\xff\xfe\x00"])
def test_help_keeps_its_numbers_when_their_file_cannot_be_read_SF10_SR03(fixture_copy, damage):
    path = fixture_copy / "services.yaml"
    path.unlink() if damage is None else path.write_bytes(damage)
    library, problems = read(fixture_copy)
    assert library.services["emergency"].number == "999"
    assert {problem.warning for problem in problems if "services.yaml" in str(problem)} == {True}
    assert any("built-in copy" in str(problem) for problem in problems)
    assert load(fixture_copy).services == library.services


def test_the_built_in_services_are_the_shipped_ones_SF10(library):
    assert BUILT_IN.read_bytes() == (HOME / "corpus" / "services.yaml").read_bytes()
