"""The run folder as a data package: every file described, every table as its schema says, every reference met."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import written_town as w
from conftest import ROOT
from livingcircle import cases
from livingcircle.render.package import KEYS, MEDIA_TYPES, REFERENCES
from livingcircle.render.tables import tables_of
from livingcircle.settings import read_study

TEXT = {"type": "string", "minLength": 1}
FIELD = {
    "type": "object",
    "required": ["name", "type"],
    "properties": {
        "name": TEXT,
        "type": {"enum": ["string", "integer", "number", "boolean"]},
        "title": TEXT,
        "unit": TEXT,
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name", "path", "format"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9._-]+$"},
        "path": {"type": "string", "pattern": r"^(?!/)(?!.*\.\.)(?!.*\\).+$"},
        "type": {"const": "table"},
        "bytes": {"type": "integer"},
        "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "schema": {
            "type": "object",
            "required": ["fields"],
            "properties": {"fields": {"type": "array", "minItems": 1, "items": FIELD}},
        },
    },
    "dependentRequired": {"type": ["schema", "encoding"]},
}
PACKAGE = {
    "type": "object",
    "required": ["$schema", "name", "title", "created", "resources", "sources"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9._-]+$"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$"},
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
        "sources": {"type": "array", "items": {"type": "object", "required": ["title"]}},
        "licenses": {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [{"required": ["name"]}, {"required": ["path"]}]},
        },
    },
}
"""What the Data Package standard, version 2, asks of the keys that are used."""


@pytest.fixture(scope="module", params=["qinghe", "town"])
def folder(request, tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp(request.param)
    study = ROOT / "configs" / "qinghe.yaml" if request.param == "qinghe" else w.write_town(made)
    return cases.run(read_study(study), folder=made / "run").folder


@pytest.fixture
def described(folder) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def test_it_is_a_data_package(described):
    jsonschema.validate(described, PACKAGE)
    names = [resource["name"] for resource in described["resources"]]
    assert len(names) == len(set(names))


def test_every_file_of_the_folder_is_described_as_it_is(folder, described):
    paths = {resource["path"]: resource for resource in described["resources"]}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert paths.keys() == there - {"datapackage.json"}
    for path, resource in paths.items():
        if path != "run.json":
            content = (folder / path).read_bytes()
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
        assert resource["mediatype"] == MEDIA_TYPES[path.rpartition(".")[2]]
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert "datapackage.json" in record["files"]


def read(folder: Path, resource: dict) -> pd.DataFrame:
    return pd.read_csv(folder / resource["path"], dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_every_table_is_as_its_schema_says(folder, described):
    like = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?([eE][-+]?\d+)?", "boolean": "true|false"}
    tables = [resource for resource in described["resources"] if resource.get("type") == "table"]
    assert len(tables) > 40
    for resource in tables:
        frame, fields = read(folder, resource), resource["schema"]["fields"]
        assert list(frame.columns) == [field["name"] for field in fields], resource["path"]
        for field in fields:
            told = frame[field["name"]]
            told = told[told != ""]
            if field["type"] != "string":
                strange = [text for text in told.unique() if not re.fullmatch(like[field["type"]], text)]
                assert strange == [], (resource["path"], field["name"])
            if field.get("constraints", {}).get("unique"):
                assert len(told) == len(frame) == told.nunique()


def test_ids_of_other_tables_are_there(folder, described):
    tables = {resource["name"]: resource for resource in described["resources"]}
    checked = 0
    for resource in tables.values():
        for reference in resource.get("schema", {}).get("foreignKeys", ()):
            other = tables[reference["reference"]["resource"]]
            known = set(read(folder, other)[reference["reference"]["fields"][0]])
            used = set(read(folder, resource)[reference["fields"][0]]) - {""}
            assert used <= known, resource["name"]
            checked += len(used)
    assert checked > 5


def test_units_and_credits_are_those_of_the_dictionary(folder, described):
    coverage = next(one for one in described["resources"] if one["path"] == "csv/coverage.csv")
    fields = {field["name"]: field for field in coverage["schema"]["fields"]}
    assert (fields["residents"]["unit"], fields["residents"]["type"]) == ("人", "number")
    assert fields["limit_minutes"]["unit"] == "分钟"
    assert fields["residents"]["description"]
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    titles = [source["title"] for source in described["sources"]]
    assert titles == [*record["attribution"], *(file["file"] for file in record["inputs"])]
    of_osm = any("OpenStreetMap" in credit for credit in record["attribution"])
    assert [one["name"] for one in described.get("licenses", [])] == (["ODbL-1.0"] if of_osm else [])


def test_keys_and_references_name_tables_and_columns_there_are(town):
    tables = tables_of(town)
    for table, columns in KEYS.items():
        assert set(columns) <= set(tables[table].columns)
    for table, references in REFERENCES.items():
        assert set(references) <= set(tables[table].columns), table
        assert set(references.values()) <= KEYS.keys()
