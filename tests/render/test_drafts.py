"""What a process that is killed leaves of its drafts: the next one into the same place clears it, and nothing of one that still runs."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from livingcircle.render import drafts
from livingcircle.render.drafts import ABANDONED_SECONDS, clear_left_over
from livingcircle.render.folder import replaced_file, replaced_folder, write_text_file

ANOTHER = "1-0badcafe-0000"
WRITES = """\
import json, os, signal, sys
from pathlib import Path
from livingcircle.render.folder import replaced_file, replaced_folder

folder, moment = Path(sys.argv[1]), sys.argv[2]

def pause():
    print("there", flush=True)
    sys.stdin.readline()

real, renamed = Path.rename, []
def rename(path, target):
    real(path, target)
    if moment == "between":
        pause()
Path.rename = rename
with replaced_file(folder.with_name("note.txt")) as note, replaced_folder(folder) as draft:
    note.write_text("new")
    (draft / "value").write_text("new")
    (draft / "run.json").write_text(json.dumps({"settings": {}, "files": {"value": {}}}))
    if moment == "within":
        pause()
"""


def write(folder, value):
    with replaced_folder(folder) as draft:
        (draft / "value").write_text(value, encoding="utf-8")
        (draft / "run.json").write_text(json.dumps({"settings": {}, "files": {"value": {}}}), encoding="utf-8")


def writer(folder, moment) -> subprocess.Popen:
    """Begin a process that writes into a folder and a file and waits at a moment."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES, folder, moment], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "there\n"
    return process


def hidden(folder):
    return sorted(path.name for path in folder.glob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("moment", ["within", "between"])
def test_what_a_killed_process_left_is_cleared_and_what_it_had_put_aside_is_back(tmp_path, moment):
    """Of two processes at work one is killed: the zombie it is until somebody asks for it does not run, and the other still does."""
    folder, other = tmp_path / "runs 2026.1", tmp_path / "other"
    write(folder, "old")
    with writer(folder, moment) as killed, writer(other, "within") as alive:
        assert (folder.exists(), len(hidden(tmp_path))) == ((True, 4) if moment == "within" else (False, 5))
        killed.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
        clear_left_over(tmp_path)
        assert (folder / "value").read_text(encoding="utf-8") == "old"
        assert len(hidden(tmp_path)) == 2
        assert all(f".{alive.pid}-" in name for name in hidden(tmp_path))
        alive.communicate("\n")
    assert (alive.returncode, (other / "value").read_text(encoding="utf-8")) == (0, "new")
    assert hidden(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_the_next_run_into_the_same_place_clears_it(tmp_path):
    write(tmp_path / "run", "old")
    with writer(tmp_path / "run", "between") as killed:
        killed.kill()
    assert len(hidden(tmp_path)) == 3
    write(tmp_path / "run", "newer")
    assert (tmp_path / "run" / "value").read_text(encoding="utf-8") == "newer"
    write_text_file(tmp_path / "note.txt", "newer")
    assert hidden(tmp_path) == []


def test_other_names_and_other_machines_are_let_alone(tmp_path):
    here = f"4194305-{drafts._machine()}-0000"  # no process has so high a number
    for name in (f".a.{here}.draft", f".b.{here}.draft", f".a.{ANOTHER}.draft", ".a.draft", "a.1.draft"):
        (tmp_path / name).mkdir()
    write(tmp_path / "a", "new")
    assert hidden(tmp_path) == [f".a.{ANOTHER}.draft", ".a.draft", f".b.{here}.draft"]
    long_ago = time.time() - ABANDONED_SECONDS - 1
    os.utime(tmp_path / f".a.{ANOTHER}.draft", (long_ago, long_ago))
    clear_left_over(tmp_path)
    assert hidden(tmp_path) == [".a.draft"]
    assert (tmp_path / "a.1.draft").exists()


def test_an_earlier_process_of_the_same_number_is_gone(tmp_path, monkeypatch):
    """In a container every run may be process 1; what it had put aside must not stand in the way of the next."""
    write(tmp_path / "a", "old")
    monkeypatch.setattr(drafts, "_life", lambda: "0001")
    (tmp_path / "a").rename(drafts.beside(tmp_path / "a", "former"))
    monkeypatch.setattr(drafts, "_life", lambda: "0002")
    with pytest.raises(RuntimeError), replaced_folder(tmp_path / "a"):
        raise RuntimeError
    assert (tmp_path / "a" / "value").read_text(encoding="utf-8") == "old"
    with replaced_file(tmp_path / "b") as draft:
        draft.touch()
        clear_left_over(tmp_path)
    assert (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("handle", "answer", "error", "runs"), [(7, 0x102, 0, True), (7, 0, 0, False), (0, 0, 87, False), (0, 0, 5, True)]
)
def test_on_windows_a_process_is_asked_for_by_its_handle(monkeypatch, handle, answer, error, runs):
    """One that has ended keeps its number while somebody holds a handle; one of somebody else may not be opened, and runs."""
    closed = []
    kernel = SimpleNamespace(
        OpenProcess=lambda access, inherited, process: handle,
        WaitForSingleObject=lambda of, milliseconds: answer,
        CloseHandle=closed.append,
    )
    monkeypatch.setattr(ctypes, "WinDLL", lambda name, use_last_error: kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: error, raising=False)
    monkeypatch.setattr(drafts, "sys", SimpleNamespace(platform="win32"))
    assert drafts.is_running(4711) == runs
    assert closed == ([handle] if handle else [])
