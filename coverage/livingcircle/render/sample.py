"""The sample as a study of one's own: the made-up sub-district of Qinghe, its study file and its data, to look at and to replace."""

from __future__ import annotations

from pathlib import Path

from livingcircle.faults import Language

STUDY_NAME = "qinghe.yaml"
DATA = "data"
_PACKAGE = Path(__file__).resolve().parents[1]
_MADE_BY = {".py", ".pyc"}
"""What makes the data is no part of them."""


def sample_study() -> Path:
    """Return the study file of the sample: in the package where that was installed, in the source tree otherwise."""
    installed = _PACKAGE / "sample" / STUDY_NAME
    return installed if installed.is_file() else _PACKAGE.parents[1] / "configs" / STUDY_NAME


def sample_data() -> tuple[Path, ...]:
    """Return the files of the sample, with where they come from and what is planted in them."""
    installed = _PACKAGE / "sample" / DATA
    folder = installed if installed.is_dir() else _PACKAGE.parents[1] / "data" / "qinghe"
    return tuple(sorted(file for file in folder.iterdir() if file.is_file() and file.suffix not in _MADE_BY))


def sample_text(language: Language) -> str:
    """Return the study file as it stands beside its data: paths mended, results in a folder beside it, in the language asked for."""
    text = sample_study().read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("# yaml-language-server:")]
    mended = "\n".join([*lines, ""]).removeprefix("#\n")
    for old, new in (
        ("../data/qinghe/", f"{DATA}/"),
        ("folder: ../runs", "folder: runs"),
        ("data/qinghe/ANSWERS.md", f"{DATA}/ANSWERS.md"),
        ("\n  language: zh\n", f"\n  language: {language}\n"),
    ):
        mended = mended.replace(old, new)
    return mended
