"""A disk that is full, wherever a run has come to: a clear message, exit 3, nothing half-written under its final name."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pyogrio.errors import DataSourceError
from typer.testing import CliRunner

import written_town as w
from livingcircle import cli
from livingcircle.errors import InputError
from livingcircle.kernel.machine_code import machine_code_folder
from livingcircle.render import folder as folders

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
WRITERS = (
    "write_geopackage",
    "write_workbook",
    "write_csvs",
    "write_map",
    "write_geoparquet",
    "_write_plans",
    "_write_rasters",
    "_write_record",
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path) -> Path:
    file = w.write_town(tmp_path)
    w.change(file, "outputs: {folder: runs}", "outputs: {folder: runs, formats: [geoparquet], rasters: true}")
    return file


def call(*arguments: object):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_library_that_does_not_say_so_is_not_repeated(study_file, monkeypatch):
    def failed(*_: object) -> None:
        raise DataSourceError("Error while writing batch: cannot rollback")

    monkeypatch.setattr(folders, "write_geopackage", failed)
    room = folders.shutil.disk_usage("/")
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda _: room)
    assert "cannot rollback" in call("run", study_file).stderr
    room = room._replace(free=4096)
    told = call("run", study_file).stderr
    assert "磁盘空间不足" in told
    assert "cannot rollback" not in told


@pytest.mark.parametrize("writer", WRITERS)
def test_the_former_run_stays_whole_whichever_writer_finds_no_room(study_file, tmp_path, monkeypatch, writer):
    runs = tmp_path / "runs"
    if writer == WRITERS[0]:
        call("run", study_file, "-q")
    before = held(runs) if runs.exists() else {}

    def full(place: Path, *_, **__):
        target = place / "half" if place.is_dir() else place
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(b"half of a file")
        raise FULL

    monkeypatch.setattr(folders, writer, full)
    done = call("run", study_file)
    assert done.exit_code == cli.INPUT_ERROR
    assert "磁盘空间不足（剩余 " in done.stderr
    assert "MB" in done.stderr
    assert (held(runs) if runs.exists() else {}) == before


@pytest.mark.parametrize("verb", ["trace", "explain", "what-if", "checklist", "compare"])
def test_single_files_are_whole_or_not_there(study_file, tmp_path, monkeypatch, verb):
    target = (
        tmp_path
        / "there"
        / {
            "trace": "areas.gpkg",
            "explain": "walk.geojson",
            "what-if": "scenarios.csv",
            "checklist": "sheet.xlsx",
            "compare": "c",
        }[verb]
    )
    (tmp_path / "none.yaml").write_text("{id: none, title: {zh: 无}}", encoding="utf-8")
    more = {
        "explain": ["--home", "H1", "--service", "pharmacy"],
        "what-if": [tmp_path / "none.yaml"],
        "compare": [study_file],
    }

    def full(_: Path, __: Path) -> None:
        raise FULL

    monkeypatch.setattr(Path, "replace", full)  # the last step of every writer: what was written so far must go
    done = call(verb, study_file, *more.get(verb, ()), "-o", target)
    assert done.exit_code == cli.INPUT_ERROR, done.output
    assert "磁盘空间不足（剩余 " in done.stderr
    assert [path for path in (tmp_path / "there").rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_real_limit_on_files_ends_a_run_with_a_message(study_file, tmp_path):
    """The system itself refuses to write more than 200 kB, in the midst of the GeoPackage."""
    import resource

    kept = machine_code_folder()
    environment = {**os.environ, **({} if kept is None else {"NUMBA_CACHE_DIR": str(kept.parent)})}
    command = [sys.executable, "-P", "-m", "livingcircle", "run", study_file, "-o", tmp_path / "run"]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, preexec_fn=limited)
    assert done.returncode == cli.INPUT_ERROR, done.stderr
    assert re.search("成果无法写入：(磁盘写入失败|超出系统允许的文件大小)（剩余 ", done.stderr)
    assert "Traceback" not in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name == "run" or "draft" in path.name]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="folders are closed in another way there")
@pytest.mark.parametrize("write", [folders.replaced_folder, folders.replaced_file])
def test_a_folder_that_may_not_even_be_looked_into_is_told(tmp_path, write):
    (tmp_path / "closed").mkdir(mode=0)
    is_root = os.geteuid() == 0
    try:
        if is_root:  # to whom nothing is closed
            os.seteuid(65534)
        with pytest.raises(InputError) as caught, write(tmp_path / "closed" / "runs" / "town"):
            pass
    finally:
        if is_root:
            os.seteuid(0)
        (tmp_path / "closed").chmod(0o700)
    assert [fault.kind for fault in caught.value.faults] == ["unwritable_folder"]
