import subprocess

import pytest

from assistant.web import serving


class EnoughError(Exception):
    pass


def test_what_is_kept_no_longer_is_purged_every_day_in_a_process_of_its_own_SP06(monkeypatch, tmp_path):
    slept, ran = [], []
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    really = subprocess.run

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            raise EnoughError

    def run(command, **how):
        ran.append(really(command, **how).returncode)

    monkeypatch.setattr(serving.time, "sleep", sleep)
    monkeypatch.setattr(serving.subprocess, "run", run)
    with pytest.raises(EnoughError):
        serving.purge_daily()
    assert slept == [60, 24 * 60 * 60, 24 * 60 * 60]
    assert ran == [0, 0]
