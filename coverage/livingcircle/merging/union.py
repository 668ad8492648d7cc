"""The union of studies: every home once, with the shortest walk any of them found; every district once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet
import shapely
from numpy.typing import NDArray

from livingcircle.merging.parts import LONGITUDE_LATITUDE, METRES, WALK
from livingcircle.model.columns import BoolArray
from livingcircle.model.standard import Words

SAME_PLACE_DEGREES = 1e-6
"""Homes of different studies that agree to this many degrees are one: a tenth of a metre."""
CITY_WIDE = ""
"""Stands in the column `study` for all of them together."""
_ROUNDING = 1e-6
_OFF_THE_GRID = 0.2371
"""Moves the lines between places away from round coordinates, on which files with seven decimals lie: the same home, come by two
coordinate systems, would fall now on this side and now on that."""
_PLACES_AROUND = round(360 / SAME_PLACE_DEGREES)
_NOTHING = pd.Series([], dtype=float)
HULL_DEGREES = 0.001
"""How far the outline of a study without districts is drawn around its homes."""


Positions = NDArray[np.intp]
Looked = Mapping[str, tuple[float, float]]
"""How far a study in tiles looked from its homes, seconds and metres; studies as a whole, which look everywhere, are not in it."""


class Limit(NamedTuple):
    """A limit of a service, in seconds or in metres."""

    service: str
    seconds: float | None
    metres: float | None


def merged_homes(parts: Mapping[str, Path]) -> pd.DataFrame:
    """Read the homes of studies, by name, and count each once: in the study whose districts hold it, with its shortest walks.

    In a study that holds several homes at one place all of them stay.
    """
    every = pd.concat(
        [_homes(file).assign(study=name, order=order) for order, (name, file) in enumerate(parts.items())],
        ignore_index=True,
    )
    east, north = (
        np.floor(every[name] / SAME_PLACE_DEGREES + _OFF_THE_GRID).astype(np.int64) for name in ("lon", "lat")
    )
    every["place"] = pd.factorize(east * _PLACES_AROUND + north)[0]
    several = every[np.bincount(every["place"])[every["place"]] > 1]
    shared = several[several.groupby("place")["order"].transform("nunique") > 1]
    if len(shared):
        walks = [name for name in every.columns if name.startswith((WALK, METRES))]
        shortest = shared.groupby("place")[walks].min()
        outside = (shared["district_id"] == "").astype(int)
        first = shared.assign(outside=outside).sort_values(["place", "outside", "order"], kind="stable")
        own = first[first["study"] == first.groupby("place")["study"].transform("first")]
        every.loc[own.index, walks] = shortest.loc[own["place"]].to_numpy()
        every = every.drop(index=shared.index.difference(own.index))
    return every.drop(columns=["order", "place"]).reset_index(drop=True)


def _homes(file: Path) -> pd.DataFrame:
    names = [name for name in pyarrow.parquet.read_schema(file).names if name not in {"geometry", "bbox"}]
    return pd.read_parquet(file, columns=names)


def merged_districts(parts: Mapping[str, Path], homes: pd.DataFrame) -> geopandas.GeoDataFrame:
    """Return the districts of all studies that have no smaller ones within, each once, with `unit`, its position, for `units_of`.

    Two studies hold the same district where its id is the same and a point inside the one lies in the other. A study without districts is
    one by itself: the hull of its homes.
    """
    frames = []
    for name, file in parts.items():
        districts = geopandas.read_parquet(file)
        districts = districts[districts["undivided"]]
        if not len(districts):
            own = homes[homes["study"] == name]
            hull = shapely.convex_hull(shapely.multipoints(own[["lon", "lat"]].to_numpy(float)))
            columns = {"district_id": [""], "district_name": [name], "district_level": [""]}
            districts = geopandas.GeoDataFrame(
                columns, geometry=np.array([shapely.buffer(hull, HULL_DEGREES)], object), crs=LONGITUDE_LATITUDE
            )
        frames.append(
            districts.assign(study=name)[["study", "district_id", "district_name", "district_level", "geometry"]]
        )
    every = geopandas.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=LONGITUDE_LATITUDE)
    return every[_is_first(every)].reset_index(drop=True)


def _is_first(districts: geopandas.GeoDataFrame) -> BoolArray:
    """Return which districts no study before has."""
    first = np.ones(len(districts), bool)
    named = (districts["district_id"] != "").to_numpy()
    for rows in districts.groupby("district_id").indices.values():
        shapes = districts.geometry.to_numpy()[rows]
        for number in range(1, len(rows)):
            earlier = [one for one in range(number) if first[rows[one]] and named[rows[one]]]
            first[rows[number]] = not shapely.intersects(
                shapes[earlier], shapely.point_on_surface(shapes[number])
            ).any()
    return first


def units_of(homes: pd.DataFrame, districts: geopandas.GeoDataFrame) -> Positions:
    """Return the position of the district (r,) every home is in, -1 for none: that of its id, in its own study first."""
    own = {key: unit for unit, key in enumerate(zip(districts["study"], districts["district_id"], strict=True))}
    shared = {name: unit for unit, name in reversed(list(enumerate(districts["district_id"]))) if name}
    of_study, studies = pd.factorize(homes["study"])
    of_district, names = pd.factorize(homes["district_id"])
    pair, pairs = pd.factorize(of_study * len(names) + of_district)
    keys = ((studies[one // len(names)], names[one % len(names)]) for one in pairs.tolist())
    known = [own.get(key, shared.get(key[1], own.get((key[0], ""), -1))) for key in keys]
    return np.array(known, np.intp)[pair]


def limits_of(records: Iterable[Mapping[str, Any]]) -> Mapping[Limit, Words]:
    """Return every service and limit that any of these run records counted, in their order, with the service's name."""
    found: dict[Limit, Words] = {}
    for record in records:
        for row in record["coverage"]:
            metres, seconds = row["limit_metres"], round(60 * row["limit_minutes"], 6)
            limit = Limit(row["service_id"], None if metres else seconds, metres or None)
            found[limit] = Words(**row["service"])
    return found


def looked_in_tiles(records: Mapping[str, Mapping[str, Any]]) -> Looked:
    """Return how far the studies in tiles among these run records looked: to the longest limit any of their services is counted at."""
    found = {}
    for name, record in records.items():
        if "results.gpkg" not in record["files"]:
            seconds = max((60 * row["limit_minutes"] for row in record["coverage"]), default=0.0)
            found[name] = seconds, seconds * record["walker"]["speed_metres_per_second"]
    return found


def coverage_in(
    homes: pd.DataFrame,
    group: Positions,
    groups: int,
    limits: Mapping[Limit, Words],
    looked: Looked = MappingProxyType({}),
) -> pd.DataFrame:
    """Return residents, households and homes within limits for every group of homes, whose position is in `group` (-1 for none).

    Limits in metres are counted by the metres walked, so that studies with different walkers can be added up. What is covered is unknown
    where nobody in the group knows of a facility of the service, and where a home of a study in tiles is not within a limit farther than
    it `looked`. Services without a walk of single homes are left out.
    """
    inside = group >= 0
    sight = [homes["study"].map({name: far[unit] for name, far in looked.items()}) for unit in (0, 1)] if looked else []
    looked_far = [one.fillna(np.inf).to_numpy(float)[inside] for one in sight]
    of = group[inside]
    weights = {name: homes[name].to_numpy(float)[inside] for name in ("residents", "households")}
    weights["homes"] = np.ones(len(of))
    totals = {name: np.bincount(of, weight, groups) for name, weight in weights.items()}
    rows = []
    for limit, name in limits.items():
        column = _column(limit)
        if column not in homes:
            continue
        walk = homes[column].to_numpy(float)[inside]
        length = (limit.seconds if limit.metres is None else limit.metres) or 0.0
        within = walk <= length + _ROUNDING
        known = np.bincount(of, ~np.isnan(walk), groups) > 0
        if looked_far:
            unseen = ~within & (looked_far[limit.metres is not None] < length - _ROUNDING)
            known &= np.bincount(of, unseen, groups) == 0
        columns: dict[str, Any] = {
            "group": np.arange(groups),
            "service_id": limit.service,
            "service_zh": name.zh,
            "service_en": name.en,
            "limit_minutes": np.nan if limit.seconds is None else limit.seconds / 60,
            "limit_metres": np.nan if limit.metres is None else limit.metres,
        }
        for weight, total in totals.items():
            covered = np.full(groups, np.nan)
            if known.any():
                covered[known] = np.bincount(of, weights[weight] * within, groups)[known]
            columns[weight], columns[f"{weight}_covered"] = total, covered
            columns[f"{weight}_share"] = np.divide(covered, total, out=np.full(groups, np.nan), where=total > 0)
        rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def _column(limit: Limit) -> str:
    return f"{WALK if limit.metres is None else METRES}{limit.service}"


def city_coverage(
    homes: pd.DataFrame,
    studies: Sequence[str],
    limits: Mapping[Limit, Words],
    looked: Looked = MappingProxyType({}),
) -> pd.DataFrame:
    """Return the coverage of the city (`study` empty) and of every study, by service and limit."""
    number = {name: position for position, name in enumerate(studies)}
    of_study = homes["study"].map(number).to_numpy().astype(np.intp)
    everywhere: Positions = np.zeros_like(of_study)
    whole = coverage_in(homes, everywhere, 1, limits, looked).assign(study=CITY_WIDE)
    parts = coverage_in(homes, of_study, len(studies), limits, looked)
    if not len(whole):
        return pd.DataFrame()
    parts = parts.assign(study=np.array(studies, object)[parts["group"]])
    both = pd.concat([whole.assign(group=-1), parts], ignore_index=True)
    order = pd.MultiIndex.from_frame(both[["service_id", "limit_minutes", "limit_metres"]]).factorize()[0]
    both = both.assign(order=order).sort_values(["order", "group"], kind="stable", ignore_index=True)
    return both[["study", *(name for name in both.columns if name not in ("study", "group", "order"))]]


def district_coverage(
    homes: pd.DataFrame,
    districts: geopandas.GeoDataFrame,
    limits: Mapping[Limit, Words],
    looked: Looked = MappingProxyType({}),
) -> pd.DataFrame:
    """Return the coverage of every district by service and limit, and its rank among all of them; see `ranked`.

    Services of which no study knows a facility are left out.
    """
    told = {limit: name for limit, name in limits.items() if homes.get(_column(limit), _NOTHING).notna().any()}
    found = coverage_in(homes, units_of(homes, districts), len(districts), told, looked)
    if not len(found):
        return pd.DataFrame()
    names = districts[["study", "district_id", "district_name", "district_level"]].iloc[found["group"]]
    table = pd.concat([names.reset_index(drop=True), found.drop(columns="group")], axis=1)
    table.insert(0, "share_rank", ranked(table))
    return table


def ranked(coverage: pd.DataFrame) -> pd.Series[float]:
    """Rank rows by the residents they cover, at each limit of each service, the highest share first; equal shares share a rank."""
    same = ["service_id", "limit_minutes", "limit_metres"]
    return coverage.groupby(same, dropna=False)["residents_share"].rank(method="min", ascending=False)


def ranking(coverage: pd.DataFrame) -> pd.DataFrame:
    """Rank the studies by the residents they cover at each limit of which any of them knows."""
    parts = coverage[(coverage["study"] != CITY_WIDE) & coverage["residents_share"].notna()]
    parts = parts.assign(share_rank=ranked(parts))
    names = ("service_id", "service_zh", "service_en", "limit_minutes", "limit_metres")
    order = ["service_id", "limit_minutes", "limit_metres", "share_rank", "study"]
    chosen = parts[[*names, "share_rank", "study", "residents_share", "residents"]]
    return chosen.sort_values(order, kind="stable", ignore_index=True)
