"""The sample's report, written once for all tests of a process, and the programs that show it as others see it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ROOT
from livingcircle.render.report.document import Report
from livingcircle.render.report.paper import Plate

pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
pytest.importorskip("typst", reason="the extra `report` is not installed")
pytest.importorskip("docx", reason="the extra `report` is not installed")


@dataclass(frozen=True)
class Written:
    """A report and the files of it."""

    report: Report
    plates: dict[str, Plate]
    tables: object
    pdf: Path
    page: Path
    word: Path


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
    made = Written(report, drawn, tables, *(folder / f"report.{end}" for end in ("pdf", "html", "docx")))
    write_pdf(made.pdf, report, pictures)
    write_page(made.page, report, pictures)
    write_word(made.word, report, pictures)
    return made


@pytest.fixture(scope="session")
def sample_results():
    from livingcircle import cases
    from livingcircle.settings import read_study

    return cases.answer(read_study(ROOT / "configs" / "qinghe.yaml"))


@pytest.fixture(scope="session", params=["zh", "en"])
def sample(request, sample_results, tmp_path_factory) -> Written:
    return write_all(sample_results, request.param, tmp_path_factory.mktemp(f"sample-{request.param}"))


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
def word_as_pdf(sample, tmp_path_factory) -> Path:
    """The sample's Word file as LibreOffice prints it."""
    office = program("soffice", "libreoffice-writer-nogui")
    folder = tmp_path_factory.mktemp("office")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(sample.word)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return folder / "report.pdf"
