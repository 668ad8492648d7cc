"""The sample's report, written once for all tests of all processes, and the programs that show it as others see it."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from livingcircle.render.report.document import Report
from livingcircle.render.report.paper import Plate

if TYPE_CHECKING:
    import pandas as pd

pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
pytest.importorskip("typst", reason="the extra `report` is not installed")
pytest.importorskip("docx", reason="the extra `report` is not installed")


@dataclass(frozen=True)
class Written:
    """A report, the tables and the limits it was written from, and the files of it."""

    report: Report
    plates: dict[str, Plate]
    tables: dict[str, pd.DataFrame]
    minutes: tuple[float, ...]
    pdf: Path
    page: Path
    word: Path


def once(folder: Path, name: str, make: Callable[[Path], Any]) -> Any:
    """What `make` makes in a folder of its own, made by the first process that asks and read by the others."""
    kept, claim = folder / f"{name}.pickle", folder / f"{name}.claimed"
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        for _ in range(3000):
            if kept.exists():
                return pickle.loads(kept.read_bytes())  # noqa: S301 - written by a process of the same run
            if claim.read_text(encoding="utf-8"):
                break
            time.sleep(0.2)
        pytest.fail(f"{name} could not be made: {claim.read_text(encoding='utf-8')}")
    (folder / name).mkdir()
    try:
        made = make(folder / name)
    except BaseException as error:
        claim.write_text(repr(error), encoding="utf-8")
        raise
    draft = kept.with_suffix(".draft")
    draft.write_bytes(pickle.dumps(made))
    draft.rename(kept)
    return made


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory) -> Path:
    """A folder that all processes of a test run have."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def write_all(results, language, folder: Path) -> Written:
    from livingcircle.render.report.composing import report_of
    from livingcircle.render.report.page import write_page
    from livingcircle.render.report.pdf import write_pdf
    from livingcircle.render.report.pictures import plates
    from livingcircle.render.report.word import write_word
    from livingcircle.render.tables import tables_of

    tables = tables_of(results)
    report = report_of(results, tables, language)
    drawn = plates(results, tables, report, language)
    pictures = {name: plate.png for name, plate in drawn.items()}
    minutes = tuple(seconds / 60 for seconds in results.assessment.shown_limits_seconds)
    paths = (folder / f"report.{end}" for end in ("pdf", "html", "docx"))
    made = Written(report, dict(drawn), dict(tables), minutes, *paths)
    write_pdf(made.pdf, report, pictures)
    write_page(made.page, report, pictures)
    write_word(made.word, report, pictures)
    return made


@pytest.fixture(scope="session")
def sample_results():
    """How to compute the sample, which only the process does that writes a report of it."""
    from livingcircle import cases
    from livingcircle.settings import read_study

    return cache(lambda: cases.answer(read_study(ROOT / "configs" / "qinghe.yaml")))


@pytest.fixture(scope="session", params=["zh", "en"])
def sample(request, sample_results, shared_folder) -> Written:
    language = request.param
    return once(shared_folder, f"sample-{language}", lambda folder: write_all(sample_results(), language, folder))


@pytest.fixture(scope="session", params=["zh", "en"])
def town_report(request, town, tmp_path_factory) -> Written:
    return write_all(town, request.param, tmp_path_factory.mktemp(f"town-{request.param}"))


def program(name: str, package: str) -> str:
    """A program of the machine: skip without it, or fail where LIVING_CIRCLE_REQUIRE_BROWSER=1 asks for all that shows results."""
    found = shutil.which(name)
    if found is None:
        reason = f"no {name} on PATH (Debian: apt install {package})"
        if os.environ.get("LIVING_CIRCLE_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def poppler() -> Path:
    """The folder of pdftoppm, pdftotext and pdffonts."""
    return Path(program("pdftoppm", "poppler-utils")).parent


@pytest.fixture(scope="session")
def word_as_pdf(sample, shared_folder) -> Path:
    """The sample's Word file as LibreOffice prints it."""
    office = program("soffice", "libreoffice-writer-nogui")

    def printed(folder: Path) -> Path:
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(sample.word)]
        subprocess.run(command, check=True, capture_output=True, timeout=240)
        return folder / "report.pdf"

    return once(shared_folder, f"word-{sample.report.language}", printed)


@pytest.fixture(scope="session")
def page_as_pdf(sample, shared_folder, chromium) -> Path:
    """The sample's page as a browser prints it."""

    def printed(folder: Path) -> Path:
        page = chromium.new_page()
        page.goto(sample.page.as_uri())
        page.pdf(path=folder / "report.pdf", prefer_css_page_size=True)
        page.close()
        return folder / "report.pdf"

    return once(shared_folder, f"page-{sample.report.language}", printed)
