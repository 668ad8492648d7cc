"""`coverage/` is a folder here, and `coverage` is also the import name of coverage.py: neither may harm the other.

Every test starts a fresh interpreter in the root of the project, where Python puts that folder in reach of `import`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "coverage"

WITHOUT_COVERAGE_PY = f"""
import sys
from importlib.machinery import PathFinder

class OnlyTheFolder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return PathFinder.find_spec(name, [{str(ROOT)!r}]) if name == "coverage" else None

sys.meta_path.insert(0, OnlyTheFolder)
"""
TOWN = """
from livingcircle.kernel.compiled import compiled

@compiled
def residents(households: float) -> float:
    return households * 3.2
"""
WALK = "import town; assert town.residents(10.0) == 32.0; assert town.residents.nopython_signatures"


def fresh(*arguments: str, path: Path = SOURCES) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    where = os.pathsep.join([str(SOURCES), str(path)])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": where},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def town(tmp_path: Path) -> Path:
    (tmp_path / "town.py").write_text(TOWN, encoding="utf-8")
    return tmp_path


def test_the_source_root_is_not_a_package():
    assert not (SOURCES / "__init__.py").exists()


def test_the_clash_is_real():
    # When this fails, numba has mended it, and kernel/compiled.py may import it plainly.
    result = fresh("-c", WITHOUT_COVERAGE_PY + "import numba")
    assert result.returncode != 0
    assert "coverage" in result.stderr


@pytest.mark.parametrize("before", ["", WITHOUT_COVERAGE_PY], ids=["with coverage.py", "without coverage.py"])
def test_a_kernel_compiles_in_the_root(before: str, town: Path):
    result = fresh("-c", before + WALK, path=town)
    assert result.returncode == 0, result.stderr


def test_a_kernel_module_runs_in_the_root():
    result = fresh("-m", "livingcircle.kernel.compiled")
    assert result.returncode == 0, result.stderr


def test_coverage_py_stays_importable():
    result = fresh("-c", "import livingcircle.kernel.compiled, coverage; print(coverage.Coverage.__name__)")
    assert result.stdout.strip() == "Coverage", result.stderr


def test_the_folder_is_left_as_it_was_found():
    after = "import livingcircle.kernel.compiled; assert 'coverage' not in sys.modules; import coverage"
    assert fresh("-c", WITHOUT_COVERAGE_PY + after).returncode == 0
    before = "import coverage as folder; import livingcircle.kernel.compiled; assert sys.modules['coverage'] is folder"
    assert fresh("-c", WITHOUT_COVERAGE_PY + before).returncode == 0


def test_importing_the_package_loads_no_library():
    heavy = {"folium", "geopandas", "numba", "numpy", "osmnx", "pandas", "pydantic", "shapely", "streamlit"}
    result = fresh("-c", f"import livingcircle, sys; print(*sorted({heavy!r} & set(sys.modules)))")
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []
