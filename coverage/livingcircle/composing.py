"""A study file made of files that somebody hands over: what each of them is, which column is which field, and the text that says so.

The text is a study file like any other: `living-circle check` and `run` read it, and it says everything that was chosen.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast, get_args

from livingcircle.faults import Fault, Language
from livingcircle.settings import StudySettings, read_study
from livingcircle.settings.candidates import CandidateColumns
from livingcircle.settings.districts import DistrictColumns, PopulationTableColumns
from livingcircle.settings.facilities import FacilityColumns
from livingcircle.settings.homes import HomeColumns
from livingcircle.settings.layers import Datum
from livingcircle.sources.column_names import match_column

Role = Literal["network", "homes", "facilities", "districts", "population_table", "candidates"]
Kind = Literal["layer", "classify", "amap", "baidu"]
"""How the types of facilities are known: from a column or for all rows, from names, or as a map service answers."""

ROLES: tuple[Role, ...] = get_args(Role)
NEEDED: tuple[Role, ...] = ("network", "homes", "facilities")
"""What no study is without."""
SINGLE: tuple[Role, ...] = ("network", "homes", "population_table", "candidates")
"""What a study has one of."""
FIELDS: Mapping[Role, tuple[str, ...]] = {
    "network": ("highway", "name", "oneway", "lanes", "width", "foot", "access", "sidewalk", "bridge", "tunnel"),
    "homes": tuple(HomeColumns.model_fields),
    "facilities": tuple(FacilityColumns.model_fields),
    "districts": tuple(DistrictColumns.model_fields),
    "population_table": tuple(PopulationTableColumns.model_fields),
    "candidates": tuple(CandidateColumns.model_fields),
}
"""What a column of each can be."""
EXTRACTS = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
"""Endings of files of OpenStreetMap."""
STUDY_NAME = "study.yaml"
LONGEST_NAME = 100
_PLACES = ("lon", "lat")
_OF_EXTRACTS: Mapping[Role, str] = {"network": "osm_file", "homes": "osm_buildings", "facilities": "osm_tags"}
_NOT_IN_NAMES = re.compile(r"[^\w .()（）·—-]")

_REMARKS: Mapping[str, tuple[str, str]] = {
    "id": ("研究编号，用作成果文件夹名", "Short name, used for the run folder"),
    "title": ("标题", "Title"),
    "network": ("步行路网", "The streets people walk on"),
    "homes": ("住宅", "Homes"),
    "facilities": ("设施", "Facilities"),
    "districts": ("统计分区", "Units that figures are reported by"),
    "population_table": ("各分区的人口，用于核对", "People of the districts, to compare with"),
    "candidates": ("候选点位", "Where something could be built"),
    "standard": ("评估标准", "Standard"),
    "outputs": ("成果的文件夹和语言", "Where results go, and in which language"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One file as a study uses it; `file` is its path as seen from the study file.

    `columns` names the column of fields, `service` the type of every row of a file of facilities; `estimate` has the residents of homes
    follow from their floor area where nobody has counted them. What is left out is recognised or taken from the file.
    """

    role: Role
    file: str
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "layer"
    service: str | None = None
    estimate: bool = False

    @property
    def is_extract(self) -> bool:
        """Whether the file is an extract of OpenStreetMap, which has tags instead of columns."""
        return self.file.lower().endswith(EXTRACTS)


def recognised(columns: Sequence[str], role: Role, *, has_places: bool, no_ids: Collection[str] = ()) -> dict[str, str]:
    """Return the column of every field of a role that goes by a known name, as the readers recognise it; none stands for two.

    Columns in `no_ids` are no ids for all their names.
    """
    found: dict[str, str] = {}
    for name in FIELDS[role]:
        if name in _PLACES and has_places:
            continue
        known = "code" if role in {"districts", "population_table"} and name == "id" else name
        free = [one for one in columns if one not in found.values() and not (known == "id" and one in no_ids)]
        own = name if name in free else None
        column = own if role == "network" else match_column(free, known, None)
        if column is not None:
            found[name] = column
    return found


def file_name(name: str) -> str:
    """Return the name under which a file from outside is kept: no folders, no signs a shell, a page or a file system reads as its own.

    Letters of every script stay; the extension does, too.
    """
    bare = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    plain = _NOT_IN_NAMES.sub("_", bare).strip(" .") or "_"
    stem, dot, suffix = plain.rpartition(".")
    return plain if len(plain) <= LONGEST_NAME else stem[: LONGEST_NAME - len(suffix) - 1] + dot + suffix[:20]


def short_name(title: str) -> str:
    """Return what of a title can name a folder; `study` where it has no Latin letters."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    return short if re.search("[a-z]", short) else "study"


def study_text(
    parts: Iterable[Part], title: str, *, standard: str, language: Language, facility_tags: bool = False
) -> str:
    """Return the text of the study file.

    Parameters
    ----------
    parts
        The files; of roles in `SINGLE` the last one counts.
    title
        What the study is called, in whatever language.
    standard
        Id of a built-in standard.
    language
        Language of the results.
    facility_tags
        Whether facilities that the streets' extract of OpenStreetMap maps count as well.
    """
    from ruamel.yaml import YAML

    given = list(parts)
    content: dict[str, Any] = {"id": short_name(title), "title": {"zh": title, "en": title}}
    for role in ROLES:
        of_role = [part for part in given if part.role == role]
        entries = [_entry(part) for part in of_role]
        if role == "facilities" and facility_tags:
            entries += [{"kind": "osm_tags", "path": p.file} for p in given if p.role == "network" and p.is_extract]
        if entries:
            content[role] = entries[-1] if role in SINGLE else entries
    content |= {"standard": standard, "outputs": {"folder": "runs", "language": language}}
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 1000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    pieces = []
    for key, value in content.items():
        zh, en = _REMARKS[key]
        text = io.StringIO()
        yaml.dump({key: value}, text)
        pieces.append(f"# {zh} / {en}.\n{text.getvalue()}")
    return "\n".join(pieces)


def compose(file: Path, text: str) -> StudySettings:
    """Write the text of a study file, and read it.

    Raises
    ------
    SettingsError
        With what is missing or wrong in it.
    """
    file.write_text(text, encoding="utf-8")
    return read_study(file)


def study_with(text: str, changes: Mapping[str, Any]) -> str:
    """Return the text of a study file with other values for some of its keys; mappings are merged, and remarks beside other keys stay."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.allow_unicode, yaml.preserve_quotes, yaml.width = True, True, 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(text)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(content.get(key), dict):
            content[key].update(value)
        else:
            content[key] = value
    written = io.StringIO()
    yaml.dump(content, written)
    return written.getvalue()


def suspected_datums(findings: Iterable[Fault]) -> dict[str, Datum]:
    """Return, of findings of a check, the files that look to be in another datum than stated, and which."""
    return {
        fault.file: cast("Datum", fault.details["datum"])
        for fault in findings
        if fault.kind == "looks_like_datum" and "datum" in fault.details
    }


def untold_datums(findings: Iterable[Fault]) -> tuple[str, ...]:
    """Return the files whose places do not tell what datum they are in."""
    return tuple(dict.fromkeys(fault.file for fault in findings if fault.kind == "datum_not_told"))


def _entry(part: Part) -> dict[str, Any]:
    if part.is_extract and part.role in _OF_EXTRACTS:
        return {"kind": _OF_EXTRACTS[part.role], "path": part.file}
    entry: dict[str, Any] = {}
    if part.role == "network":
        entry["kind"] = "street_layer"
    elif part.role == "facilities" and part.kind in {"amap", "baidu"}:
        entry["kind"] = part.kind
    elif part.role not in {"districts", "population_table"}:
        entry["kind"] = "layer"
    entry["path"] = part.file
    stated = {"layer": part.layer, "crs": part.crs, "datum": part.datum}
    entry |= {key: value for key, value in stated.items() if value is not None}
    columns = {name: column for name, column in part.columns.items() if column}
    if part.role == "facilities":
        if part.service is not None:
            entry["service"] = part.service
        elif part.kind == "classify":
            entry["classify"] = True
        if part.service is not None or part.kind != "layer":
            columns.pop("service", None)
        if part.kind in {"amap", "baidu"}:
            columns = {}
    if columns:
        entry["columns"] = columns
    if part.estimate:
        entry["estimate"] = {}
    return entry
