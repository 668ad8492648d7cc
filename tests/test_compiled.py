"""Machine code kept from an earlier run must be that of the files as they are now."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import written_town as w
from livingcircle.kernel.machine_code import compiled_beside
from livingcircle.render.drafts import is_running

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "coverage" / "livingcircle"

PACE = "from livingcircle.kernel.compiled import compiled\n\n@compiled\ndef pace(metres):\n    return metres * {}\n"
WALK = """
from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.pace import pace

@compiled
def walk_seconds(metres):
    return pace(metres)
"""


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A package with two kernel files of its own, one calling into the other."""
    kernel = tmp_path / "sources" / "livingcircle" / "kernel"
    kernel.mkdir(parents=True)
    (kernel.parent / "__init__.py").touch()
    (kernel / "__init__.py").touch()
    for name in ("compiled.py", "machine_code.py"):
        shutil.copy(PACKAGE / "kernel" / name, kernel)
    (kernel / "pace.py").write_text(PACE.format(1.0))
    (kernel / "walk.py").write_text(WALK)
    return kernel


def walk_seconds(kernel: Path) -> float:
    """Walk 100 m in a fresh interpreter."""
    home = str(kernel.parents[2] / "home")
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    result = subprocess.run(
        [sys.executable, "-c", "from livingcircle.kernel.walk import walk_seconds; print(walk_seconds(100.0))"],
        env={**kept, "PYTHONPATH": str(kernel.parents[1]), "HOME": home, "XDG_CACHE_HOME": home, "LOCALAPPDATA": home},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return float(result.stdout)


def machine_code(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.nb[ci]")}


def test_machine_code_is_kept(kernel: Path):
    assert walk_seconds(kernel) == 100.0
    first = machine_code(kernel / "__pycache__")
    assert walk_seconds(kernel) == 100.0
    assert first
    assert machine_code(kernel / "__pycache__") == first


def test_a_change_in_a_called_file_is_noticed(kernel: Path):
    assert walk_seconds(kernel) == 100.0
    (kernel / "pace.py").write_text(PACE.format(2.0))
    assert walk_seconds(kernel) == 200.0
    assert len(list((kernel / "__pycache__").glob("machine-code-*"))) == 1


def test_a_file_no_loop_comes_from_may_change(kernel: Path):
    walk_seconds(kernel)
    first = machine_code(kernel / "__pycache__")
    (kernel / "verdict.py").write_text("from livingcircle.kernel.walk import walk_seconds\n")
    walk_seconds(kernel)
    assert machine_code(kernel / "__pycache__") == first


def test_machine_code_is_kept_elsewhere_when_the_package_cannot_be_written(kernel: Path):
    (kernel / "__pycache__").write_text("in the way")
    assert walk_seconds(kernel) == 100.0
    assert machine_code(kernel.parents[2] / "home")


def test_the_first_run_is_known_as_such(kernel: Path):
    ask = "from livingcircle.kernel.machine_code import is_first_run; print(is_first_run())"

    def first_run() -> str:
        home = str(kernel.parents[2] / "home")
        kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
        variables = {**kept, "PYTHONPATH": str(kernel.parents[1]), "HOME": home, "XDG_CACHE_HOME": home}
        return subprocess.run(
            [sys.executable, "-c", ask], env=variables, capture_output=True, text=True, check=True
        ).stdout

    assert first_run().strip() == "True"
    walk_seconds(kernel)
    assert first_run().strip() == "False"


@pytest.mark.parametrize(
    ("wanted", "first", "compiled"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_another_process_compiles_beside_on_a_first_run(tmp_path, monkeypatch, wanted, first, compiled):
    """The module stands for one that compiles: it leaves a file."""
    (tmp_path / "compiles.py").write_text("import pathlib; pathlib.Path(__file__).with_suffix('.done').touch()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("livingcircle.kernel.machine_code.is_first_run", lambda: first)
    with compiled_beside("compiles", wanted=wanted) as ready:
        ready()
        assert (tmp_path / "compiles.done").exists() == compiled


def test_what_compiles_beside_ends_with_the_run(tmp_path, monkeypatch):
    (tmp_path / "compiles.py").write_text(
        "import os, pathlib, time\npathlib.Path(__file__).with_suffix('.pid').write_text(str(os.getpid()))\ntime.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("livingcircle.kernel.machine_code.is_first_run", lambda: True)
    noted = tmp_path / "compiles.pid"
    with compiled_beside("compiles", wanted=True):
        while not (noted.exists() and noted.read_text()):
            time.sleep(0.01)
    assert not is_running(int(noted.read_text()))


def test_importing_the_verbs_does_not_load_numba():
    loaded = "import sys; import livingcircle.cases; print('numba' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_without_numba_a_whole_run_gives_the_same_tables(tmp_path: Path):
    hidden = "import sys; sys.modules['numba'] = None; from livingcircle.cli import main; main()"
    plain = "from livingcircle.cli import main; main()"
    study = w.write_town(tmp_path)
    tables = []
    for name, code in (("without", hidden), ("with", plain)):
        command = [sys.executable, "-c", code, "run", str(study), "--output", str(tmp_path / name), "--quiet"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        tables.append({path.name: path.read_bytes() for path in sorted((tmp_path / name / "csv").iterdir())})
    assert tables[0]
    assert tables[0] == tables[1]


def test_after_warming_up_nothing_is_left_to_compile(tmp_path: Path):
    kept = tmp_path / "machine-code"
    places = {"NUMBA_CACHE_DIR": str(kept), "LIVING_CIRCLE_CACHE": str(tmp_path / "cache")}

    def run(*arguments: str) -> set[str]:
        command = [sys.executable, "-P", "-m", *arguments]
        result = subprocess.run(command, cwd=ROOT, env=os.environ | places, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return {path.name for path in kept.rglob("*.nbc")}

    compiled = run("livingcircle.warm")
    loops = {
        f"{source.stem}.{name}"
        for source in PACKAGE.rglob("*.py")
        for name in re.findall(r"^@compiled\ndef (\w+)", source.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert loops == {name.rsplit("-", 1)[0] for name in compiled}
    sample = ("run", "configs/helsinki.yaml", "--output", str(tmp_path / "results"), "--quiet")
    assert run("livingcircle", *sample) == compiled, "kinds of arguments the warm-up does not know"
