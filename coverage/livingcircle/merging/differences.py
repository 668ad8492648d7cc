"""What makes studies of one city hard to compare: other standards, walkers, versions of this program, years; districts nobody studied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from livingcircle.faults import Fault, Language, several
from livingcircle.merging.union import Limit, Looked
from livingcircle.model.places import Districts
from livingcircle.render.words import LANGUAGES, say

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES_SHOWN = 5
MOST_OF_NEIGHBOURS = 0.2
"""What a study may hold of its neighbours' residents before that is told."""
_SEPARATORS: Mapping[Language, tuple[str, str]] = {"zh": ("、", "；"), "en": (", ", "; ")}


def differences(
    records: Mapping[str, Mapping[str, Any]], days: Mapping[str, Sequence[str]], year: int | None
) -> Iterable[Fault]:
    """Say in what studies differ that are merged, by their run records; `days` are those their data are of, `year` the one asked for."""
    told = {
        "standard": {
            name: _both(f"{one['standard']['id']} {one['standard']['edition']}") for name, one in records.items()
        },
        "walker": {name: one["walker"]["name"] for name, one in records.items()},
        "version": {name: _both(one["provenance"]["versions"]["living-circle"]) for name, one in records.items()},
        "year": {name: _both("/".join(years)) for name in records if (years := _years(days.get(name, ())))},
    }
    for what, values in told.items():
        found = _by_value(values)
        if len(found) > 1:
            details: dict[str, str | float] = {}
            for language in LANGUAGES:
                comma, semicolon = _SEPARATORS[language]
                groups = [f"{value[language]} ({_some(names, comma)})" for value, names in found]
                details |= {
                    f"what_{language}": say(f"batch.differ.{what}", language),
                    f"values_{language}": semicolon.join(groups),
                }
            yield Fault("studies_differ", details=details)
    other = {name: years for name in records if (years := _years(days.get(name, ()))) and str(year) not in years}
    if year is not None and other:
        found_years = "/".join(sorted({one for years in other.values() for one in years}))
        yield Fault("other_year", value=_some(list(other), ", "), details={"year": year, "found": found_years})
    undated = [name for name in records if not _years(days.get(name, ()))]
    if year is not None and undated:
        yield Fault("year_unknown", details={"year": year, "names": several(undated, EXAMPLES_SHOWN)})
    for title, names in _by_value({name: one["title"] for name, one in records.items()}):
        if len(names) > 1:
            yield Fault("same_title", value=title["zh"] or title["en"], details={"studies": _some(names, ", ")})


def looked_less_far(limits: Iterable[Limit], looked: Looked) -> Iterable[Fault]:
    """Say which studies in tiles did not look as far as the longest limit of the others."""
    longest_seconds = max((limit.seconds for limit in limits if limit.seconds is not None), default=0.0)
    longest_metres = max((limit.metres for limit in limits if limit.metres is not None), default=0.0)
    for name, (seconds, metres) in looked.items():
        if seconds < longest_seconds or metres < longest_metres:
            yield Fault("tiles_look_less_far", value=name, details={"minutes": seconds / 60, "metres": metres})


def of_neighbours(records: Mapping[str, Mapping[str, Any]], homes: pd.DataFrame) -> Iterable[Fault]:
    """Say in which studies many residents live who are counted in another; what each study tells of itself holds them, too."""
    own = homes.groupby("study")["residents"].sum()
    every = {name: one["counts"]["residents"] for name, one in records.items()}
    shares = {name: 1 - float(own.get(name, 0.0)) / people for name, people in every.items() if people > 0}
    told = {name: share for name, share in shares.items() if share > MOST_OF_NEIGHBOURS}
    if told:
        details = {"names": several(list(told), EXAMPLES_SHOWN), "share": max(told.values())}
        yield Fault("homes_of_neighbours", details=details)


def in_no_district(homes: pd.DataFrame, districts: pd.DataFrame) -> Iterable[Fault]:
    """Say how many homes of studies that have districts lie in none of any study, and where they count."""
    whole = districts.loc[districts["district_id"] == "", "study"]  # a study without districts is one by itself
    stray = homes[(homes["district_id"] == "") & ~homes["study"].isin(whole)]
    if len(stray):
        names = several(list(dict.fromkeys(stray["study"])), EXAMPLES_SHOWN)
        people = float(stray["residents"].sum())
        yield Fault("homes_in_no_district", details={"count": len(stray), "residents": people, "names": names})


def unstudied(expected: Districts, homes: pd.DataFrame) -> Iterable[Fault]:
    """Say in which of the districts that a city names no study has a home; `expected` and homes are in degrees."""
    points = shapely.points(homes["lon"].to_numpy(float), homes["lat"].to_numpy(float))
    tree = shapely.STRtree(np.asarray(points, object))
    smallest = expected.take(expected.undivided)
    shapes = smallest.geometry
    held, _ = tree.query(shapes, predicate="intersects")
    missing = smallest.names[np.setdiff1d(np.arange(len(shapes)), held)]
    if len(missing):
        examples = several(missing, EXAMPLES_SHOWN)
        yield Fault("districts_unstudied", details={"count": len(missing), "total": len(shapes), "examples": examples})


def _both(text: str) -> Mapping[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def _years(days: Sequence[str]) -> list[str]:
    return sorted({day[:4] for day in days})


def _by_value(values: Mapping[str, Mapping[str, str]]) -> list[tuple[Mapping[str, str], list[str]]]:
    """Return each value once with the studies that have it, the most common first."""
    found: dict[tuple[str, ...], tuple[Mapping[str, str], list[str]]] = {}
    for name, value in values.items():
        found.setdefault(tuple(value.values()), (value, []))[1].append(name)
    return sorted(found.values(), key=lambda one: -len(one[1]))


def _some(names: Sequence[str], comma: str) -> str:
    return comma.join(names[:EXAMPLES_SHOWN]) + ("…" if len(names) > EXAMPLES_SHOWN else "")
