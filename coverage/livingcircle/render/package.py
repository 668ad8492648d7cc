"""The run folder as a Data Package: `datapackage.json` says of every file what it is, of every column its type, unit and meaning.

Follows the Data Package standard, version 2 (https://datapackage.org). Types are those of the tables, words those of the dictionary of
columns, so that none can be missing.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.render.columns import COLUMNS, column_entry
from livingcircle.render.tables.labels import shown_header
from livingcircle.render.words import LANGUAGES, say

PACKAGE = "datapackage.json"
PROFILE = "https://datapackage.org/profiles/2.0/"
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "homes": ("home_id",),
        "facilities": ("facility_id",),
        "candidates": ("candidate_id",),
        "rules": ("rule_id",),
        "disputes": ("dispute_id",),
        "plan_quality": ("plan",),
    }
)
"""Tables of which a row is told by an id."""
REFERENCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "home_causes": {"home_id": "homes"},
        "capacity_facilities": {"facility_id": "facilities"},
        "rule_verdicts": {"rule_id": "rules"},
        "unit_remedies": {"rule_id": "rules"},
        "plan": {"candidate_id": "candidates", "plan": "plan_quality"},
        **{
            table: {"plan": "plan_quality"}
            for table in (
                "plan_clauses",
                "plan_ages",
                "plan_uncovered",
                "plan_dominated",
                "plan_frontier",
                "plan_stages",
            )
        },
    }
)
"""Columns that hold an id of another table."""
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "gpkg": "application/geopackage+sqlite3",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "html": "text/html",
        "json": "application/json",
        "parquet": "application/vnd.apache.parquet",
        "svg": "image/svg+xml",
        "png": "image/png",
        "pdf": "application/pdf",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "tif": "image/tiff",
    }
)
_OPEN_DATABASE_LICENCE = {
    "name": "ODbL-1.0",
    "path": "https://opendatacommons.org/licenses/odbl/1-0/",
    "title": "Open Data Commons Open Database License v1.0",
}
_ABOUT = ("item_zh", "text_zh", "item_en", "text_en")


def package(
    results: Results,
    tables: Mapping[str, pd.DataFrame],
    files: Mapping[str, Mapping[str, Any]],
    language: Language,
    *,
    name: str,
) -> dict[str, Any]:
    """Return what describes a run folder.

    Parameters
    ----------
    files
        `sha256` and `size_bytes` of every file in the folder, by its path.
    name
        Short name of the study.
    """
    study, made = results.study, results.provenance
    owed = "\n".join(study.attribution)
    resources = [_resource(path, of, tables, language) for path, of in files.items()]
    record = {"name": "run", "path": "run.json", "format": "json", "mediatype": MEDIA_TYPES["json"]}
    return {
        "$schema": f"{PROFILE}datapackage.json",
        "name": name,
        "title": study.title.said(language),
        "titles": {one: study.title.said(one) for one in LANGUAGES},
        "description": say("package.description", language, standard=made.standard, owed=owed),
        "created": made.started_utc,
        "version": made.fingerprint[:16],
        "generator": f"living-circle {made.versions.get('living-circle', '')}",
        **({"licenses": [_OPEN_DATABASE_LICENCE]} if "ODbL" in owed else {}),
        "sources": [
            *({"title": credit} for credit in study.attribution),
            *(
                {"title": file.path, "role": file.role, "bytes": file.size_bytes, "hash": f"sha256:{file.sha256}"}
                for file in study.inputs
            ),
        ],
        "resources": [*resources, {**record, "title": say("terminal.file.record", language)}],
    }


def _resource(
    path: str, of: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], language: Language
) -> dict[str, Any]:
    folder, _, file = path.rpartition("/")
    stem, _, ending = file.rpartition(".")
    described = {
        "name": stem if folder == "csv" else re.sub(r"[^a-z0-9_.]+", "-", path.lower()).strip("-"),
        "path": path,
        "format": ending,
        **({"mediatype": MEDIA_TYPES[ending]} if ending in MEDIA_TYPES else {}),
        "bytes": of["size_bytes"],
        "hash": f"sha256:{of['sha256']}",
    }
    if folder != "csv":
        return described
    table = tables.get(stem, pd.DataFrame(columns=_ABOUT, dtype="str"))
    return {
        **described,
        "type": "table",
        "title": say(f"table.{stem}", language) if stem in tables else say("table.overview", language),
        "encoding": "utf-8",
        "schema": table_schema(stem, table, language, beside=tables),
    }


def table_schema(name: str, frame: pd.DataFrame, language: Language, beside: Container[str]) -> dict[str, Any]:
    """Return the Table Schema of one table: fields in their order, what tells a row, and which ids are those of a table `beside` it."""
    keys = KEYS.get(name, ())
    references = [
        {"fields": [column], "reference": {"resource": table, "fields": [KEYS[table][0]]}}
        for column, table in REFERENCES.get(name, {}).items()
        if table in beside
    ]
    return {
        "$schema": f"{PROFILE}tableschema.json",
        "fields": [_field(column, frame, language, required=column in keys) for column in frame.columns],
        "missingValues": [""],
        **({"primaryKey": list(keys)} if keys else {}),
        **({"foreignKeys": references} if references else {}),
    }


def _field(column: str, frame: pd.DataFrame, language: Language, *, required: bool) -> dict[str, Any]:
    if column in _ABOUT:
        return {"name": column, "type": "string"}
    entry = COLUMNS[column_entry(column)[0]]
    unit = entry.unit.said(language)
    return {
        "name": column,
        "type": column_type(column, frame[column]),
        "title": shown_header(column, frame, language),
        "description": entry.meaning.said(language),
        **({"unit": unit} if unit else {}),
        **({"constraints": {"required": True, "unique": True}} if required else {}),
    }


def column_type(name: str, values: pd.Series[Any]) -> str:
    """Return the type of a column in a schema; a column of nothing has that of its kind, one without description is text."""
    try:
        kind = COLUMNS[column_entry(name)[0]].kind
    except KeyError:
        kind = "text"
    if pd.api.types.is_bool_dtype(values.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(values.dtype):
        return "integer"
    if pd.api.types.is_float_dtype(values.dtype):
        return "number"
    if values.notna().any() or kind == "text":
        return "string"
    return "number"
