"""Many studies merged into one city: every home counts once, with the shortest walk any of the studies found for it.

Studies overlap where each reaches beyond its border, as it must. A home that several hold (the same place to a metre's tenth) is
counted in the study whose districts hold it, else in the first; a facility that only one of them knows serves it all the same. So the
coverage of the city is a union, and never the sum of its parts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from livingcircle.kernel.gauge import covered
from livingcircle.model.results import Results
from livingcircle.model.standard import Words
from livingcircle.render.folder import replaced_file
from livingcircle.render.sheets import write_csv
from livingcircle.render.tables.lookup import lonlat_columns, named, present

SAME_PLACE_DEGREES = 1e-6
"""Homes of different studies that agree to this many degrees are one: a tenth of a metre."""
WALK = "walk_seconds_"


def write_homes(results: Results, folder: Path, study: str) -> Path:
    """Write the walks of a study's homes as one partition `study=<name>/part.parquet`, complete or not at all.

    Only services that are open to all have a column `walk_seconds_<service>`: unreachable is infinite, unknown (no facility in the input,
    or the home not joined to a street) is empty.
    """
    homes, known = results.study.homes, present(results.study)
    columns: dict[str, object] = {
        "home_id": homes.ids.astype(str),
        **lonlat_columns(results.study, homes.xy),
        "district_id": named(results.study.districts.ids, homes.district).astype(str),
        "residents": homes.residents,
        "households": homes.households,
    }
    for number, service in enumerate(results.study.standard.services):
        if service.is_open:
            seconds = results.assessment.reach.seconds[number]
            columns[f"{WALK}{service.id}"] = seconds if known[number] else np.full(len(homes), np.nan)
    file = folder / f"study={study}" / "part.parquet"
    with replaced_file(file) as draft:
        pd.DataFrame(columns).to_parquet(draft, index=False)
    return file


def merged_homes(parts: Mapping[str, Path]) -> pd.DataFrame:
    """Read the homes of studies, by name, and count each once: in the study whose districts hold it, with its shortest walks."""
    frames = [pd.read_parquet(file).assign(study=name, order=order) for order, (name, file) in enumerate(parts.items())]
    every = pd.concat(frames, ignore_index=True)
    walks = [name for name in every.columns if name.startswith(WALK)]
    place = pd.MultiIndex.from_arrays([np.round(every[name] / SAME_PLACE_DEGREES) for name in ("lon", "lat")])
    every["place"] = place.factorize()[0]
    several = every.groupby("place")["study"].transform("nunique") > 1
    alone, shared = every[~several], every[several]
    if not len(shared):
        return alone.drop(columns=["order", "place"]).reset_index(drop=True)
    shortest = shared.groupby("place")[walks].min()
    outside = (shared["district_id"] == "").astype(int)
    first = shared.assign(outside=outside).sort_values(["place", "outside", "order"], kind="stable")
    chosen = first.groupby("place")["study"].transform("first")
    own = first[first["study"] == chosen].drop(columns="outside")  # several homes of one study at one place all stay
    own = own.assign(**{name: own["place"].map(shortest[name]) for name in walks})
    return pd.concat([alone, own]).sort_index().drop(columns=["order", "place"]).reset_index(drop=True)


def city_coverage(homes: pd.DataFrame, limits: Mapping[tuple[str, float], Words]) -> pd.DataFrame:
    """Return residents, households and homes within limits (service, seconds; the service's name), over the city and in each study.

    `study` is empty for the city. Unknown where no study holds a facility of the service.
    """
    groups = [("", homes), *((str(name), group) for name, group in homes.groupby("study", sort=True))]
    rows = []
    for (service, seconds), name_of_service in limits.items():
        for name, group in groups:
            walk = group.get(f"{WALK}{service}")
            known = walk is not None and bool(walk.notna().any())
            within = covered(np.asarray(walk, float), seconds) if known else np.zeros(len(group), bool)
            row: dict[str, Any] = {
                "study": name,
                "service_id": service,
                "service_zh": name_of_service.zh,
                "service_en": name_of_service.en,
                "limit_minutes": seconds / 60,
            }
            for column, weight in (
                ("residents", group["residents"]),
                ("households", group["households"]),
                ("homes", pd.Series(1.0, index=group.index)),
            ):
                total, inside = float(weight.sum()), float(weight[within].sum()) if known else np.nan
                row[column], row[f"{column}_covered"] = total, inside
                row[f"{column}_share"] = inside / total if total else np.nan
            rows.append(row)
    return pd.DataFrame(rows)


def ranking(coverage: pd.DataFrame) -> pd.DataFrame:
    """Rank the studies by the residents they cover at each limit, the highest share first; equal shares share a rank."""
    parts = coverage[coverage["study"] != ""].copy()
    parts["rank"] = parts.groupby(["service_id", "limit_minutes"])["residents_share"].rank(
        method="min", ascending=False
    )
    return parts[["service_id", "limit_minutes", "rank", "study", "residents_share", "residents"]].sort_values(
        ["service_id", "limit_minutes", "rank", "study"], kind="stable", ignore_index=True
    )


def limits_of(records: Sequence[Path]) -> Mapping[tuple[str, float], Words]:
    """Return every service and limit, in seconds, that any of these run records counted, in their order, with the service's name."""
    found: dict[tuple[str, float], Words] = {}
    for file in records:
        for row in json.loads(file.read_text(encoding="utf-8"))["coverage"]:
            found[row["service_id"], round(60 * row["limit_minutes"], 6)] = Words(**row["service"])
    return found


def merge(folder: Path, parts: Mapping[str, Path], records: Sequence[Path]) -> Mapping[str, Path]:
    """Write the city's homes, its coverage and the ranking of its studies into `folder`, each complete or not at all.

    `parts` are the partitions of the studies by name, `records` their run records.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    homes = merged_homes(parts)
    coverage = city_coverage(homes, limits_of(records))
    files = {"coverage": folder / "coverage.csv", "ranking": folder / "ranking.csv", "homes": folder / "homes.parquet"}
    for name, table in (("coverage", coverage), ("ranking", ranking(coverage))):
        with replaced_file(files[name]) as draft:
            write_csv(draft, table)
    with replaced_file(files["homes"]) as draft:
        homes.to_parquet(draft, index=False)
    return files
