"""POIs of Amap and Baidu, as their services answer and as people save them: pages of JSON, JSON lines, tables, folders of any of these.

What comes out is a table whose columns bear the names that `livingcircle.sources.column_names` knows; types are told from it elsewhere.
Amap writes an empty array where a text is missing, and gives `location` as longitude, latitude; Baidu gives it as an object, and writes
latitude first where it is text. The answers do not say which datum they are in: who asked decided that (`ret_coordtype`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable
from livingcircle.model.columns import FloatArray
from livingcircle.sources.formats import read_rows

Provider = Literal["amap", "baidu"]

PROVIDER_NAMES: Mapping[Provider, tuple[str, str]] = {"amap": ("高德", "Amap"), "baidu": ("百度", "Baidu")}
"""What the providers are called in Chinese and English."""
FORMATS = (".json", ".jsonl", ".ndjson", ".txt", ".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")
_LISTS: Mapping[Provider, tuple[str, ...]] = {"amap": ("pois",), "baidu": ("results", "result", "contents")}
_OK: Mapping[Provider, str] = {"amap": "1", "baidu": "0"}
_PLACES = ("location", "lnglat", "lonlat", "经纬度", "坐标", "经纬度坐标")
_CALLED: Mapping[str, tuple[str, ...]] = {
    "id": ("uid", "poiid", "poi_id"),
    "type_text": ("type", "poitype", "poi_type", "tag", "classified_poi_tag"),
}
"""Columns of tables that bear the names of the answers, by the name they get."""
_TYPE_LEVELS = ("大类", "中类", "小类")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SPACE = re.compile(r"[\s,]*")
_REASON_LETTERS = 200
_DEEPEST = 8
_CITIES_LISTED = 5


class _Row(NamedTuple):
    """What is kept of one POI, each `""` where nothing is said; `location` is two numbers in the order of the provider."""

    id: str
    name: str
    type_text: str
    typecode: str
    address: str
    hours: str
    adcode: str
    location: str


@dataclass(slots=True)
class _Found:
    """What the files of one source hold, and how many POIs the provider says there are."""

    provider: Provider
    pois: list[_Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """POIs in the answers that state the same total, by that total: the pages of one question."""

    def take(self, value: Any, file: str, depth: int = 0) -> None:
        """Take in one value of JSON: an answer, a POI, or a list of them."""
        if isinstance(value, list) and depth < _DEEPEST:
            for one in value:
                self.take(one, file, depth + 1)
        elif not isinstance(value, dict):
            self._refuse(file)
        elif listed := next((key for key in _LISTS[self.provider] if isinstance(value.get(key), list | dict)), None):
            if "status" in value and str(value["status"]) != _OK[self.provider]:
                self._note_error(value, file)
                return
            pois = value[listed] if isinstance(value[listed], list) else [value[listed]]
            self.pois += [_ROWS[self.provider](poi) for poi in pois if isinstance(poi, dict)]
            total = _text(value.get("count") or value.get("total"))
            if re.fullmatch("[0-9]{1,9}", total) and int(total):
                self.read[int(total)] += len(pois)
        elif any(isinstance(value.get(key), list) for key in _LISTS["baidu" if self.provider == "amap" else "amap"]):
            self._refuse(file)
        elif "name" in value and ("location" in value or "id" in value or "uid" in value):
            self.pois.append(_ROWS[self.provider](value))
        elif "status" in value:
            self._note_error(value, file)
        elif isinstance(value.get("data"), list | dict) and depth < _DEEPEST:
            self.take(value["data"], file, depth + 1)
        else:
            self._refuse(file)

    def _note_error(self, answer: Mapping[str, Any], file: str) -> None:
        said = [_text(answer.get(key)) for key in ("info", "message", "msg", "infocode")]
        reason = " ".join(filter(None, [*said, f"status {_text(answer['status'])}"]))[:_REASON_LETTERS]
        self._note("provider_error", file, reason=reason)

    def _refuse(self, file: str) -> None:
        self._note("not_pois", file)

    def _note(self, kind: str, file: str, **details: str | float) -> None:
        fault = _said(kind, self.provider, file, **details)
        if fault not in self.faults:
            self.faults.append(fault)


def read_pois(path: Path, provider: Provider) -> tuple[pd.DataFrame, list[Fault]]:
    """Read the POIs of a file, or of all files in a folder in the order of their names, each POI once; beside it what must be said.

    Of tables all columns are kept, those that bear the names of the provider's answers under the names used here; `location` becomes
    `lon` and `lat`. Of JSON there are `lon`, `lat` and the columns of `_Row`; what has no place there, such as a city suggested instead,
    is left out and counted.

    Raises
    ------
    InputError
        With the faults of all files: missing, unreadable, an error of the provider saved in place of its answer, no POIs at all.
    """
    found, tables, notes = _Found(provider), [], []
    for file in _files(path):
        try:
            if file.suffix.lower() in _WORKBOOKS or not _is_json(file):
                table, said = read_rows(file, None)
                tables.append(_with_our_names(table, provider, str(file)))
                notes += said
            else:
                for value in _values(file):
                    found.take(value, str(file))
        except InputError as error:
            found.faults += error.faults
    if found.faults:
        raise InputError(found.faults)
    if found.pois:
        table, without = _table(found.pois, provider)
        tables.append(table)
        if without:
            notes.append(_said("pois_without_place", provider, count=without))
    for total, read in found.read.items():
        if read < total:
            notes.append(_said("pois_missing", provider, total=total, read=read))
    pois, repeated = _once(tables)
    if repeated:
        notes.append(_said("pois_repeated", provider, count=repeated))
    if not len(pois):
        raise InputError(Fault("empty_layer", file=str(path)))
    if "adcode" in pois.columns:
        cities = pois["adcode"].fillna("").astype(str).str.extract(r"^(\d{4})\d{2}", expand=False).value_counts()
        if len(cities) > 1:
            listed = ", ".join(f"{city}00: {count}" for city, count in cities.head(_CITIES_LISTED).items())
            notes.append(_said("pois_of_cities", provider, count=len(cities), cities=listed))
    return pois, notes


def _once(tables: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """Put tables together, each id once, and return how many rows were left out; row numbers are those of a sheet only if it is whole."""
    if len(tables) == 1:
        pois = tables[0]
    else:
        pois = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
        pois.attrs = {}
    if "id" not in pois.columns:
        return pois, 0
    again = (pois.duplicated("id") & (pois["id"].fillna("").astype(str) != "")).to_numpy()
    if again.any():
        pois = pois[~again]
        pois.attrs = {}
    return pois, int(again.sum())


def _said(kind: str, provider: Provider, file: str = "", **details: str | float) -> Fault:
    """Return a finding that names the provider."""
    zh, en = PROVIDER_NAMES[provider]
    return Fault(kind, file=file, details={"provider_zh": zh, "provider_en": en, **details})


# ── Files ───────────────────────────────────────────────────────────────────


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(Fault("missing_file", file=str(path)))
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if file.is_file() and file.suffix.lower() in FORMATS]
    if not files:
        raise InputError(Fault("unknown_format", file=str(path), details={"formats": ", ".join(FORMATS)}))
    return files


def _is_json(file: Path) -> bool:
    with file.open("rb") as content:
        return content.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}


def _values(file: Path) -> Iterator[Any]:
    """Give the values of a file of JSON: one, one for each line, or any number one after the other."""
    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    decoder = json.JSONDecoder()
    position = _past_space(text, 0)
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = f"JSON: {error}" if isinstance(error, ValueError) else "JSON: nested too deep"
            raise InputError(unreadable(file, reason)) from error
        yield value
        position = _past_space(text, position)


def _past_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return position if found is None else found.end()


# ── POIs ────────────────────────────────────────────────────────────────────


def _table(rows: Sequence[_Row], provider: Provider) -> tuple[pd.DataFrame, int]:
    """Return POIs as a table, and how many were left out because they have no place."""
    table = pd.DataFrame(rows, columns=list(_Row._fields), dtype=object)
    nowhere = (table["location"] == "").to_numpy()
    table = table[~nowhere].reset_index(drop=True)
    table["lon"], table["lat"] = _lon_lat(table.pop("location"), provider)
    return table, int(nowhere.sum())


def _amap_row(poi: Mapping[str, Any]) -> _Row:
    return _Row(
        id=_text(poi.get("id")),
        name=_text(poi.get("name")),
        type_text=_text(poi.get("type")),
        typecode=_text(poi.get("typecode")),
        address=_text(poi.get("address")),
        hours=_first(poi, ("business", "biz_ext"), ("opentime_week", "open_time", "opentime2")),
        adcode=_text(poi.get("adcode")),
        location=_text(poi.get("location")),
    )


def _baidu_row(poi: Mapping[str, Any]) -> _Row:
    return _Row(
        id=_text(poi.get("uid")),
        name=_text(poi.get("name")),
        type_text=_first(poi, ("detail_info",), ("classified_poi_tag", "tag")),
        typecode="",
        address=_text(poi.get("address")),
        hours=_first(poi, ("detail_info",), ("shop_hours",)),
        adcode=_text(poi.get("adcode")),
        location=_baidu_place(poi.get("location")),
    )


_ROWS: Mapping[Provider, Callable[[Mapping[str, Any]], _Row]] = {"amap": _amap_row, "baidu": _baidu_row}


def _baidu_place(place: object) -> str:
    if not isinstance(place, dict):
        return _text(place)
    lat, lng = _text(place.get("lat")), _text(place.get("lng"))
    return f"{lat},{lng}" if lat and lng else ""


def _first(poi: Mapping[str, Any], groups: Iterable[str], keys: Iterable[str]) -> str:
    """Return the first of some texts in some groups of details that says something."""
    for group in groups:
        details = poi.get(group)
        if isinstance(details, dict):
            for key in keys:
                if said := _text(details.get(key)):
                    return said
    return ""


def _text(value: object) -> str:
    """Return a value as text: an empty array or object, Amap's way to say nothing, is none; several texts are separated by `|`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return "|".join(filter(None, map(_text, value)))
    return "" if value is None or isinstance(value, dict) else str(value).strip()


def _lon_lat(places: pd.Series[Any], provider: Provider) -> tuple[FloatArray, FloatArray]:
    """Split texts of two numbers, which may be named (`{'lat': 32.04, 'lng': 118.79}`); NaN where there are not two."""
    text = places.astype(str)
    pairs = text.str.split(",", n=1, expand=True).reindex(columns=[0, 1])
    first, second = (pd.to_numeric(pairs[part], errors="coerce").to_numpy(float, copy=True) for part in (0, 1))
    lat_first = np.full(len(text), provider == "baidu")
    odd = np.flatnonzero(np.isnan(first) | np.isnan(second))
    for row, value in zip(odd.tolist(), text.iloc[odd], strict=True):
        found = _NUMBER.findall(value)
        if len(found) == 2:
            first[row], second[row] = map(float, found)
            named = {name: value.find(name) for name in ("lat", "lng", "lon") if name in value}
            lat_first[row] = min(named, key=named.__getitem__) == "lat" if named else lat_first[row]
    return np.where(lat_first, second, first), np.where(lat_first, first, second)


def _with_our_names(table: pd.DataFrame, provider: Provider, file: str) -> pd.DataFrame:
    """Return a table in which what bears the name of a field of the answers bears ours."""
    if any("wgs" in str(column).lower() for column in table.columns):
        raise InputError(_said("pois_converted_before", provider, file))
    present = {str(column).strip().lower(): column for column in table.columns}
    renamed = {
        present[names[0]]: ours
        for ours, others in _CALLED.items()
        if ours not in present and (names := [name for name in others if name in present])
    }
    attributes = table.attrs
    table = table.rename(columns=renamed)
    if "type_text" not in table.columns and set(_TYPE_LEVELS) <= set(table.columns):
        levels = table[list(_TYPE_LEVELS)].fillna("").astype(str)
        table["type_text"] = levels.agg(";".join, axis=1).str.strip(";")
    place = next((present[name] for name in _PLACES if name in present), None)
    if place is not None and not {"lon", "lng", "经度", "longitude"} & set(present):
        table["lon"], table["lat"] = _lon_lat(table.pop(place).fillna(""), provider)
    table.attrs = attributes
    return table
