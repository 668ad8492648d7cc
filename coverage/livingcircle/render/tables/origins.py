"""What the outcome rests on: files, the street network, warnings."""

from __future__ import annotations

import pandas as pd

from livingcircle.model.study import Study
from livingcircle.render.completeness import completeness_columns
from livingcircle.render.tables.lookup import unit_columns
from livingcircle.render.words import LANGUAGES


def warnings(study: Study) -> pd.DataFrame:
    """Return what every reader must know of the data, in both languages."""
    columns = {
        f"{part}_{language}": [getattr(fault, part)(language) for fault in study.warnings]
        for part in ("place", "problem", "remedy")
        for language in LANGUAGES
    }
    return pd.DataFrame(
        {
            "severity": [fault.severity for fault in study.warnings],
            "kind": [fault.kind for fault in study.warnings],
            **columns,
        }
    )


def inputs(study: Study) -> pd.DataFrame:
    """Return the files that were read, with their digests."""
    return pd.DataFrame(
        {
            "role": [file.role for file in study.inputs],
            "file": [file.path for file in study.inputs],
            "size_bytes": [file.size_bytes for file in study.inputs],
            "sha256": [file.sha256 for file in study.inputs],
        }
    )


def network_completeness(study: Study) -> pd.DataFrame:
    """Grade and measures of the street network: the whole study, then every district."""
    found = study.completeness
    return pd.DataFrame({**unit_columns(study, found.district), **completeness_columns(found)})
