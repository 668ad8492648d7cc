"""The annual report: one document as data, set as Word, PDF and page."""

from collections.abc import Mapping
from importlib.util import find_spec

FILES: Mapping[str, str] = {
    "report_word": "report.docx",
    "report_pdf": "report.pdf",
    "report_page": "report.html",
    "report_maps": "maps",
}
"""Files and folders of a report, by what they are."""
LIBRARIES = {"docx": "python-docx", "matplotlib": "matplotlib", "typst": "typst"}
"""Modules of the `report` extra, and the packages they come in."""


def missing_libraries() -> list[str]:
    """Name the packages without which no report can be written."""
    return [package for module, package in LIBRARIES.items() if find_spec(module) is None]
