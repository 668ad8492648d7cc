"""Facilities that several sources list, or one lists twice: found by name, distance and service, merged into the first, with a log.

Two entries are one facility when they lie near each other, have a service in common, and their names are the same but for width,
brackets, legal form, city and district, or one is the other with words left out. Entries of the same name at one spot are one place with
all their services. Never the same are names that differ in a number (一分院，二分院；1号，2号), a direction (东校区，西校区), or the word
for a branch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, FloatArray, IntArray, TextArray
from livingcircle.model.places import FACILITY_NUMBERS, FACILITY_TEXTS, Facilities, MergedFacilities
from livingcircle.sources.service_types import plain_names

ONE_SPOT_METRES = 10.0
"""Points of one name this near are one place, whatever services each names, also within one source."""
LEAST_CHARACTERS = 4
"""A name this short is not taken for part of another: 幼儿园 is part of too many."""

_NUMERALS = str.maketrans("〇零一二三四五六七八九两", "0012345678" + "92")
_NUMBER = re.compile(r"\d+")
_TURN = re.compile(
    r"[东西南北中](?=校|院|区|店|部|园|馆|分)|分(?=院|校|园|部|馆|中心|所|站)|校区|院区|初中部|小学部|高中部"
)
_BRANCH = re.compile(r"\(([^()]*)\)?")
_AREA_WORDS = re.compile(
    r"^(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,4}市)?(?:[^省市区县]{1,4}(?<![小社校园景院库])[区县])?"
)


def merge_facilities(joined: Facilities, source: IntArray, metres: float) -> tuple[Facilities, MergedFacilities]:
    """Merge what is one facility, the first of them keeping its place in the order.

    Of each attribute the earliest source that knows it decides; an area goes before a point, since it can be entered at its gates. The
    services of all are joined. A facility takes in at most one entry of each other source: of two shops of a chain the nearer.

    Parameters
    ----------
    joined
        The facilities of all sources, in the order of the sources.
    source
        (f,) which source each is from.
    metres
        How far apart two entries may lie; 0 merges nothing.
    """
    one, other, rule = _pairs(joined, source, metres)
    distance = np.asarray(shapely.distance(joined.geometry[one], joined.geometry[other]), float)
    kept_by = np.arange(len(joined))
    taken: dict[int, set[int]] = {}
    members: dict[int, list[int]] = {}
    log: list[tuple[int, int, float, str]] = []
    for pair in np.lexsort((other, one, np.round(distance, 3))):
        keeper, entry = int(kept_by[one[pair]]), int(kept_by[other[pair]])
        keeper, entry = min(keeper, entry), max(keeper, entry)
        new = taken.get(entry, set()) | {int(source[entry])}
        known = taken.get(keeper, set()) | {int(source[keeper])}
        if keeper == entry or (rule[pair] != "one_spot" and new & known):
            continue
        moved = [entry, *members.pop(entry, [])]
        kept_by[moved] = keeper
        members.setdefault(keeper, []).extend(moved)
        taken[keeper] = new | known
        log.append((keeper, entry, float(distance[pair]), str(rule[pair])))
    if not log:
        return joined, _log(joined, [], kept_by)
    return _united(joined, kept_by), _log(joined, log, kept_by)


def _pairs(joined: Facilities, source: IntArray, metres: float) -> tuple[NDArray[np.intp], NDArray[np.intp], TextArray]:
    """Return pairs of entries that are one facility, the earlier first, and the rule that says so."""
    tree = shapely.STRtree(joined.geometry)
    one, other = (
        tree.query(joined.geometry, predicate="dwithin", distance=metres) if metres > 0 else np.empty((2, 0), int)
    )
    forward = one < other
    one, other = one[forward], other[forward]
    code, names = pd.factorize(joined.names)
    keys = np.array([*_keys(np.asarray(names, object)), ""], object)[code]
    flat = shapely.get_dimensions(joined.geometry) == 2
    spot = shapely.distance(joined.geometry[one], joined.geometry[other]) <= ONE_SPOT_METRES
    spot &= ~(flat[one] | flat[other])  # a playground in the park of its name is not entered at the gates of the park
    equal: BoolArray = np.logical_and(keys[one] == keys[other], keys[one] != "").astype(bool)
    across = source[one] != source[other]
    common = _any_common(joined.serves, one, other)
    maybe = np.flatnonzero((across & common) | (equal & spot))
    one, other, equal, spot, common = one[maybe], other[maybe], equal[maybe], spot[maybe], common[maybe]
    rule = np.full(len(maybe), "", object)
    unnamed = (keys[one] == "") | (keys[other] == "")
    for pair in np.flatnonzero(~unnamed):
        if not _may_be_one(joined.names[one[pair]], joined.names[other[pair]]):
            continue
        if equal[pair]:
            rule[pair] = "same_name" if common[pair] and across[maybe[pair]] else "one_spot" if spot[pair] else ""
        elif common[pair] and _part_of(keys[one[pair]], keys[other[pair]]):
            rule[pair] = "part_of_name"
    inside = unnamed & common & (flat[one] != flat[other])
    inside[inside] = shapely.intersects(joined.geometry[one[inside]], joined.geometry[other[inside]])
    rule[inside] = "unnamed_inside"
    found = rule != ""
    return one[found], other[found], rule[found]


def _any_common(serves: BoolArray, one: NDArray[np.intp], other: NDArray[np.intp]) -> BoolArray:
    packed = np.packbits(serves, axis=1)
    common: BoolArray = np.any(packed[one] & packed[other], axis=1)
    return common


def _keys(names: TextArray) -> list[str]:
    """Return names without width, blanks, brackets, legal form, and the province, city and district they begin with."""
    plain = [name.translate(_NUMERALS) for name in plain_names(names)]
    bare = [_AREA_WORDS.sub("", name) for name in plain]
    return [short if len(short) >= LEAST_CHARACTERS else name for name, short in zip(plain, bare, strict=True)]


@cache
def _marks(name: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return what tells branches apart: numbers, directions and words for a branch, and a shop's own name in brackets."""
    text = re.sub(r"[\]】〕〉》」]", ")", re.sub(r"[\[【〔〈《「]", "(", unicodedata.normalize("NFKC", name).lower()))
    numbers = tuple(sorted(_NUMBER.findall(text.translate(_NUMERALS).replace("十", "10"))))
    branch = "".join(_BRANCH.findall(text))
    return numbers, tuple(sorted(_TURN.findall(text))), branch if branch.endswith("店") else ""


def _may_be_one(one: str, other: str) -> bool:
    numbers, turns, branch = _marks(one)
    other_numbers, other_turns, other_branch = _marks(other)
    branches_agree = not branch or not other_branch or branch == other_branch
    return numbers == other_numbers and turns == other_turns and branches_agree


@cache
def _part_of(one: str, other: str) -> bool:
    """Return whether the shorter name is the longer one with characters left out, and no less than half of it."""
    short, long = sorted((one, other), key=len)
    if len(short) < LEAST_CHARACTERS or 2 * len(short) < len(long):
        return False
    rest = iter(long)
    return all(character in rest for character in short)


# ── Merging ─────────────────────────────────────────────────────────────────


def _united(joined: Facilities, kept_by: NDArray[np.intp]) -> Facilities:
    columns: dict[str, NDArray[Any]] = {
        name: getattr(joined, name).copy()
        for name in (*FACILITY_NUMBERS, *FACILITY_TEXTS, "names", "serves", "xy", "geometry", "confidence")
    }
    flat = shapely.get_dimensions(joined.geometry) == 2
    for entry in np.flatnonzero(kept_by != np.arange(len(kept_by))):  # in the order of the sources
        keeper = kept_by[entry]
        for name in FACILITY_NUMBERS:
            if np.isnan(columns[name][keeper]):
                columns[name][keeper] = columns[name][entry]
        for name in (*FACILITY_TEXTS, "names"):
            columns[name][keeper] = columns[name][keeper] or columns[name][entry]
        columns["serves"][keeper] |= columns["serves"][entry]
        columns["confidence"][keeper] = max(columns["confidence"][keeper], columns["confidence"][entry])
        if flat[entry] and not flat[keeper]:
            flat[keeper] = True
            columns["geometry"][keeper], columns["xy"][keeper] = joined.geometry[entry], joined.xy[entry]
    stays = kept_by == np.arange(len(kept_by))
    return replace(joined, **columns).take(stays)


def _log(
    joined: Facilities, merged: Sequence[tuple[int, int, float, str]], kept_by: NDArray[np.intp]
) -> MergedFacilities:
    merged = sorted((int(kept_by[keeper]), entry, metres, rule) for keeper, entry, metres, rule in merged)
    keepers = np.array([row[0] for row in merged], np.intp)
    entries = np.array([row[1] for row in merged], np.intp)
    distance: FloatArray = np.array([row[2] for row in merged], float)
    return MergedFacilities(
        kept_ids=joined.ids[keepers],
        merged_ids=joined.ids[entries],
        kept_names=joined.names[keepers],
        merged_names=joined.names[entries],
        distance_metres=distance,
        rule=np.array([*(row[3] for row in merged), ""], object)[:-1],
    )
