"""A run that is killed leaves nothing half-written, and the next clears what it left; more by ``python -m tests.fuzz.kills``."""

import os
import random
import signal
import subprocess
import time

import pytest

from tests.fuzz import kills
from validator.base import files


def test_killed_runs_leave_nothing(tmp_path):
    data = kills.ROOT / "examples" / "message"
    kills.killed(data, tmp_path / "first", 600)
    assert kills.faults(data, tmp_path, random.Random(1), 6) == []


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_run_in_two_processes_that_is_asked_to_end_says_so_in_a_line(tmp_path, asked):
    """Ctrl-C reaches every process of a terminal; a polite kill the first one alone."""
    done = kills.command(kills.ROOT / "examples/message", tmp_path / "made", "pool")
    running = subprocess.Popen(
        done, cwd=kills.ROOT, stderr=subprocess.PIPE, start_new_session=True, env=kills.environment(tmp_path)
    )
    while len(kills.workers(running.pid)) < 2:  # what watches their memory is the first
        time.sleep(0.01)
    (os.killpg if asked == signal.SIGINT else os.kill)(running.pid, asked)
    assert running.communicate(timeout=60)[1].decode().strip() == "已中断。"
    assert running.returncode == 130
    assert kills.broken(tmp_path) + kills.left(tmp_path) == []


def test_scratch_files_of_runs_that_ended_are_cleared_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone, here, own = 4_194_303, files._HERE, os.getpid()
    ends = {"a": (own, here), "c": (os.getppid(), here), "a.": (gone, "ffffffff")}
    kept = [f".{name}-{process}-{at}-00000000.html" for name, (process, at) in ends.items()]
    for name in (*kept, f".a-{gone}-{here}-00000000.html"):
        (tmp_path / name).touch()
    for name in (f"zhikong-{gone}-{here}-x", f"zhikong-{own}-{here}-x", "zhikong-x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "in").touch()
    files._clear.cache_clear()
    with files.replacing(tmp_path / "a.html") as scratch:
        scratch.write_text("x", encoding="utf-8")
    with files.scratch_folder():
        names = {each.name for each in tmp_path.iterdir()}
    assert {*kept, "a.html", f"zhikong-{own}-{here}-x", "zhikong-x"} <= names
    assert not {f".a-{gone}-{here}-00000000.html", f"zhikong-{gone}-{here}-x"} & names
