"""What all tests share: where a browser and the whole-city extracts are, and what to do without them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no defect: examples may take their time.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

ROOT = Path(__file__).resolve().parents[1]
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
