"""What is installed is what is in the repository: wheel, locks, and the script that sets everything up."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PUBLIC_HOSTS = {"https://pypi.org", "https://files.pythonhosted.org"}


def pins(lock: str) -> dict[str, list[str]]:
    """Give the lines of each package in a lock: its pins (one per marker) with their hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            found.setdefault(line.split("==")[0], []).append(line)
    return found


# ---------------------------------------------------------------------------------------------------------------- locks


def test_locks_know_only_the_public_index():
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("uv.lock", *LOCKS))
    assert set(re.findall(r"\w+://[^/\"\s]+", text)) <= PUBLIC_HOSTS
    assert "file:" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock: str):
    for name, lines in pins(lock).items():
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert all("--hash=sha256:" in line for line in lines), name


def test_the_larger_lock_holds_the_smaller_one():
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_locks_match_the_project():
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    entry = next(package for package in locked["package"] if package["name"] == "living-circle")
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *(line for lines in extras.values() for line in lines)]
    assert {(one["name"], one.get("specifier", "")) for one in entry["metadata"]["requires-dist"]} == {
        (canonicalize_name(one.name), str(one.specifier)) for one in map(Requirement, asked)
    }
    for group, lines in PROJECT["dependency-groups"].items():
        assert {(one["name"], one.get("specifier", "")) for one in entry["metadata"]["requires-dev"][group]} == {
            (canonicalize_name(one.name), str(one.specifier)) for one in map(Requirement, lines)
        }
    needed = [*PROJECT["project"]["dependencies"], *extras["app"], *PROJECT["dependency-groups"]["build"]]
    assert {canonicalize_name(Requirement(line).name) for line in needed} <= set(pins("requirements.lock"))


# ---------------------------------------------------------------------------------------------------------------- wheel


def build(target: str, source: Path, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as others get it: built from the source archive, not from this folder."""
    pytest.importorskip("hatchling", reason="the build backend is installed by `python3 dev.py test`")
    folder = tmp_path_factory.mktemp("build")
    with tarfile.open(build("sdist", ROOT, folder / "sdist")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return build("wheel", next((folder / "unpacked").iterdir()), folder / "wheel")


def test_the_wheel_holds_the_package_and_the_page(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        (entry_points,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    version = PROJECT["project"]["version"]
    assert {name.split("/")[0] for name in names} == {"livingcircle", f"living_circle-{version}.dist-info"}
    assert "livingcircle/apps/streamlit_app.py" in names
    assert "living-circle = livingcircle.cli:main" in entry_points
    sources = (path for path in (ROOT / "coverage" / "livingcircle").rglob("*") if path.is_file())
    kept = {path.relative_to(ROOT / "coverage").as_posix() for path in sources if "__pycache__" not in path.parts}
    assert kept <= names
    assert not any("__pycache__" in name for name in names)


def test_the_package_knows_its_version():
    try:
        installed = importlib.metadata.version("living-circle")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("living-circle is not installed, only on the path")
    import livingcircle

    assert livingcircle.__version__ == installed == PROJECT["project"]["version"]


# --------------------------------------------------------------------------------------------------------------- dev.py


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`dev.py` as a module, with an empty folder for its environment and nothing installed."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(module, "READY", tmp_path / "ready.json")
    for step in ("make_venv", "warm_up"):
        monkeypatch.setattr(module, step, lambda: None)
    return module


def test_an_old_python_can_read_the_script():
    ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 8))


def test_a_second_call_installs_nothing(dev: Any, monkeypatch: pytest.MonkeyPatch):
    installed = []
    monkeypatch.setattr(dev, "install", installed.append)
    dev.set_up(dev.RUN_LOCK)
    dev.set_up(dev.RUN_LOCK)
    assert installed == [dev.RUN_LOCK]
    dev.set_up(dev.DEV_LOCK)
    dev.set_up(dev.RUN_LOCK)
    dev.set_up(dev.DEV_LOCK)
    assert installed == [dev.RUN_LOCK, dev.DEV_LOCK]


def test_an_interrupted_set_up_is_not_taken_for_ready(dev: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dev, "install", lambda lock: None)
    dev.set_up(dev.RUN_LOCK)

    def interrupted(lock: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev.set_up(dev.DEV_LOCK)
    with pytest.raises(KeyboardInterrupt):
        dev.set_up(dev.RUN_LOCK)
