"""What all tests share: where a browser and the whole-city extracts are, and what to do without them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A busy machine is no defect: examples may take their time.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

# Every program that a test starts would compile its libraries anew, for seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_MILLISECONDS = 180_000
"""A machine with other things to do shows a page late, and the first reader waits for machine code; no test fails of that."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium to open pages in: skip without one, or fail where LIVING_CIRCLE_REQUIRE_BROWSER=1 asks for it."""
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    reason = "no Chromium on PATH (Debian: apt install chromium)"
    if os.environ.get("LIVING_CIRCLE_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium(chromium_path):
    """One browser for all tests of a process: two of Playwright's loops cannot run in one thread."""
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of whole-city extracts, LIVING_CIRCLE_DATA or ../shared/data; skip where there is none."""
    folder = Path(os.environ.get("LIVING_CIRCLE_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("real city extracts are not on this machine")
    return folder


# ── A database ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def postgis() -> Iterator[str]:
    """The address of an empty PostGIS: that of LIVING_CIRCLE_TEST_DATABASE, or a server of our own, on a socket only we know.

    Where neither can be had tests are skipped, or fail where LIVING_CIRCLE_REQUIRE_DATABASE=1 asks for it.
    """
    if address := os.environ.get("LIVING_CIRCLE_TEST_DATABASE"):
        yield address
        return
    programs = _postgres_programs()
    if isinstance(programs, str):
        if os.environ.get("LIVING_CIRCLE_REQUIRE_DATABASE") == "1":
            pytest.fail(programs)
        pytest.skip(programs)
    folder = Path(tempfile.mkdtemp(prefix="circle-"))  # a socket's path may not be long
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # a server refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, **as_user
        )
        assert done.returncode == 0, done.stderr

    try:
        call("initdb", "-A", "trust", "-U", "planner", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-c listen_addresses= -c fsync=off -c unix_socket_directories={folder}"
        call("pg_ctl", "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        try:
            import psycopg

            address = f"host={folder} user=planner dbname=postgres"
            with psycopg.connect(address) as connection:
                connection.execute("CREATE EXTENSION postgis")
            yield address
        finally:
            call("pg_ctl", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_programs() -> Path | str:
    """Return the folder of a server's programs, the newest first, or why there is none."""
    if importlib.util.find_spec("psycopg") is None:
        return "psycopg is not installed (pip install 'living-circle[postgis]')"
    if not hasattr(os, "geteuid"):
        return "no private PostgreSQL server on this system"
    there = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    with_postgis = [
        path for path in there if Path("/usr/share/postgresql", path.parts[-3], "extension/postgis.control").is_file()
    ]
    return (
        with_postgis[-1].parent
        if with_postgis
        else "no PostgreSQL with PostGIS (Debian: apt install postgresql-postgis)"
    )
