"""What changed between two studies: this year against last year, a plan against today; and which of the inputs it comes from.

Every figure of the second study differs from the first through what was put in: facilities, people, streets, the standard, the method. To
divide the change among them the inputs are swapped one by one, from the first study to the second, and everything is computed at each
step. What a swap changes depends on what was swapped before it; so the steps are taken in one order and in the opposite one, each input is
credited with the mean of both, and half the difference is told as `order_effect`. The parts add up to the whole change exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj

from livingcircle.cases import assess, load
from livingcircle.model.columns import FloatArray
from livingcircle.model.outcome import Assessment
from livingcircle.model.places import Facilities
from livingcircle.model.study import Study
from livingcircle.progress import Stages
from livingcircle.provenance import made_of
from livingcircle.readers import words_of
from livingcircle.render.folder import replaced_file
from livingcircle.render.outlines import lonlat_of
from livingcircle.render.report.material import Change
from livingcircle.render.sheets import write_csv
from livingcircle.render.summary import records
from livingcircle.render.tables import coverage, rule_verdicts, verdicts
from livingcircle.render.tables.lookup import lonlat_columns, published
from livingcircle.settings import Settings, StudySettings

FACTORS: Mapping[str, tuple[str, ...]] = {
    "network": ("network", "elevation", "compounds", "boundary", "edge"),
    "population": ("homes", "districts", "population_table", "circles"),
    "facilities": ("facilities", "entrances", "merge_metres", "surveyed"),
    "standard": ("standard", "conditions", "checklist", "registers", "more_services"),
    "method": ("crs", "walker"),
}
"""Parts a study is made of, by the keys of its file. Keys of no part (title, outputs, siting …) change no figure that is compared."""
ROLES: Mapping[str, frozenset[str]] = {
    "network": frozenset({"network", "elevation", "compounds", "gates", "boundary", "natural_border"}),
    "population": frozenset({"homes", "population", "districts", "circles", "population_table"}),
    "facilities": frozenset({"facilities", "entrances", "review"}),
    "standard": frozenset({"standard", "checklist", "register"}),
    "method": frozenset(),
}
"""The files of each part, by the roles they are read in."""

SAID = ("service_zh", "service_en", "district_name")
MOVED_METRES = 20.0
"""A facility of the same id that lies farther from where it was has moved; less is how differently two people place a point."""
ATTRIBUTES = ("floor_m2", "land_m2", "staff", "capacity", "beds")
KEYS = ("figure", "id", "limit_minutes", "limit_metres", "scope", "district_id")


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Two studies beside each other.

    `figures` has a row for every figure of either study, `facilities` and `homes` one for every place that came, went or changed.
    `factors` are the parts that differ, in the order of the first way; `steps` the runs that were computed.
    """

    before: StudySettings
    after: StudySettings
    figures: pd.DataFrame
    facilities: pd.DataFrame
    homes: pd.DataFrame
    factors: tuple[str, ...]
    steps: int


def compare(before: StudySettings, after: StudySettings, stages: Stages | None = None) -> Compared:
    """Compute two studies and every step between them.

    A part counts as changed where its settings differ, or a file they name does. Two studies that differ in k parts take 2k runs (k > 1).

    Raises
    ------
    InputError
        When either study is unfit, or a step between them is, such as homes of one year with columns only the other has.
    """
    stages = stages or Stages()
    known: dict[frozenset[str], pd.DataFrame] = {}
    first, last = (_Run.of(settings, stages) for settings in (before, after))
    factors = tuple(name for name in FACTORS if _part(before, first.study, name) != _part(after, last.study, name))
    known[frozenset()], known[frozenset(factors)] = first.figures, last.figures

    def figures(swapped: frozenset[str]) -> pd.DataFrame:
        if swapped not in known:
            known[swapped] = _Run.of(mixed(before, after, swapped), stages).figures
        return known[swapped]

    ways = [_along(order, figures) for order in (factors, factors[::-1])]
    return Compared(
        before,
        after,
        figures=_figures(first.figures, last.figures, factors, ways),
        facilities=_facilities(first.study, last.study),
        homes=_homes(first.study, last.study),
        factors=factors,
        steps=len(known),
    )


def write_comparison(compared: Compared, folder: Path) -> Mapping[str, Path]:
    """Write the tables of a comparison as CSV files into a folder, each complete or not at all.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    files = {}
    for name in ("figures", "facilities", "homes"):
        files[name] = folder / f"compare_{name}.csv"
        with replaced_file(files[name]) as draft:
            write_csv(draft, getattr(compared, name))
    return files


def comparison_figures(compared: Compared) -> dict[str, Any]:
    """Return a comparison as plain values."""
    sides = {"before": compared.before, "after": compared.after}
    return {
        "compared": {
            **{side: {"id": one.id, "title": {"zh": one.title.zh, "en": one.title.en}} for side, one in sides.items()},
            "factors": list(compared.factors),
            "runs": compared.steps,
            "figures": records(compared.figures),
            "facilities": records(compared.facilities),
            "homes": records(compared.homes),
        }
    }


def change_of(compared: Compared) -> Change:
    """Return what a report tells of a comparison."""
    return Change(
        before=words_of(compared.before.title),
        factors=compared.factors,
        runs=compared.steps,
        figures=compared.figures,
        facilities=compared.facilities,
        homes=compared.homes,
        made_of=made_of(compared.before),
    )


def mixed(before: StudySettings, after: StudySettings, swapped: frozenset[str]) -> StudySettings:
    """Return the settings of one study with some parts of another."""
    taken = {key: getattr(after, key) for name in swapped for key in FACTORS[name]}
    return before.model_copy(update=taken)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    study: Study
    figures: pd.DataFrame

    @classmethod
    def of(cls, settings: StudySettings, stages: Stages) -> _Run:
        study = load(settings, stages)
        return cls(study, _long(study, assess(study, settings, stages)))


def _part(settings: StudySettings, study: Study, name: str) -> tuple[object, ...]:
    """What one part of a study is made of: its settings without the names of files, and the digests of its files."""
    stated = [
        study.standard.id if key == "standard" else _without_files(getattr(settings, key)) for key in FACTORS[name]
    ]
    return (repr(stated), *sorted(file.sha256 for file in study.inputs if file.role in ROLES[name]))


def _without_files(value: object) -> object:
    if isinstance(value, Settings):
        value = value.model_dump()
    if isinstance(value, Path):
        return ""
    if isinstance(value, Mapping):
        return {key: _without_files(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_files(one) for one in value]
    return value


# ── Figures ─────────────────────────────────────────────────────────────────


def _long(study: Study, assessment: Assessment) -> pd.DataFrame:
    """All figures of a study, a row each: residents within limits, what requirements say to that, and what clauses found."""
    shares, walking, judged = coverage(study, assessment), verdicts(study, assessment), rule_verdicts(study, assessment)
    by_metres = shares["limit_metres"].notna()  # the same limit takes other minutes at another speed
    shares = shares.assign(limit_minutes=shares["limit_minutes"].mask(by_metres))
    parts = [
        shares.assign(figure="residents_share", id=shares["service_id"], value=shares["residents_share"], verdict=""),
        walking.assign(figure="requirement", id=walking["requirement_id"], value=walking["residents_share"]),
        judged.assign(figure="clause", id=judged["rule_id"], limit_minutes=np.nan, limit_metres=np.nan),
    ]
    parts[1] = parts[1].assign(limit_minutes=parts[1]["limit_minutes"].mask(parts[1]["limit_metres"].notna()))
    columns = [*KEYS, *SAID, "value", "verdict"]
    return pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)


def _along(
    order: Sequence[str], figures: Callable[[frozenset[str]], pd.DataFrame]
) -> tuple[Sequence[str], list[pd.Series]]:
    """Swap the parts one after another; return what each swap changed, as values by key."""
    values = [_by_key(figures(frozenset(order[:count])))["value"] for count in range(len(order) + 1)]
    every = values[0].index.union(values[-1].index, sort=False)
    values = [one.reindex(every) for one in values]
    return order, [last - first for first, last in pairwise(values)]


def _figures(
    first: pd.DataFrame,
    last: pd.DataFrame,
    factors: Sequence[str],
    ways: Sequence[tuple[Sequence[str], list[pd.Series]]],
) -> pd.DataFrame:
    """Put figures of both studies beside each other, with the part of the change that comes from each input.

    Parts are unknown where a figure is unknown at any step, and nought where nothing was swapped.
    """
    before, after = _by_key(first), _by_key(last)
    every = before.index.union(after.index, sort=False)
    said = after[list(SAID)].reindex(every).fillna(before[list(SAID)].reindex(every))
    table = pd.DataFrame(index=every)
    table[list(SAID)] = said
    for name, side in (("before", before), ("after", after)):
        table[f"value_{name}"] = side["value"].reindex(every)
        table[f"verdict_{name}"] = side["verdict"].reindex(every).fillna("")
    table["value_change"] = table["value_after"] - table["value_before"]
    effect = pd.Series(0.0, index=every)
    for factor in FACTORS:
        if factor not in factors:
            table[f"change_by_{factor}"] = table["value_change"] * 0.0 + 0.0  # nought, and not less
            continue
        one, other = (parts[list(order).index(factor)].reindex(every) for order, parts in ways)
        table[f"change_by_{factor}"] = (one + other) / 2
        effect = effect.combine((one - other).abs() / 2, np.fmax)
    table["order_effect"] = effect.where(table["value_change"].notna())
    return table.reset_index()


def _by_key(figures: pd.DataFrame) -> pd.DataFrame:
    keys = figures.assign(
        limit_minutes=figures["limit_minutes"].round(9), district_id=figures["district_id"].astype(str)
    )
    return keys.drop_duplicates(list(KEYS)).set_index(list(KEYS))


# ── Places ──────────────────────────────────────────────────────────────────


def _facilities(first: Study, last: Study) -> pd.DataFrame:
    """List facilities that opened, closed, moved, or are not what they were; those of services that are not open stay out.

    The same facility is the one of the same id. Services that only one of the standards knows are no reason: of these the other study
    has no facilities, whatever is built.
    """
    (before, old), (after, new) = (_open_places(study) for study in (first, last))
    known = frozenset.intersection(*(frozenset(one.id for one in study.standard.services) for study in (first, last)))
    rows: list[dict[str, object]] = []

    def row(kind: str, places: Facilities, study: Study, number: int, **more: object) -> None:
        spot = lonlat_columns(study, places.xy[[number]])
        services = [one for one, serves in zip(study.standard.services, places.serves[number], strict=True) if serves]
        rows.append(
            {
                "place_change": kind,
                "facility_id": places.ids[number],
                "facility_name": places.names[number],
                "services_zh": "；".join(one.name.zh for one in services),
                "services_en": "; ".join(one.name.en for one in services),
                **{name: np.asarray(values)[0] for name, values in spot.items()},
                "moved_metres": np.nan,
                **{f"{name}_before": np.nan for name in ATTRIBUTES},
                **{f"{name}_after": np.nan for name in ATTRIBUTES},
                **more,
            }
        )

    for identity in sorted(set(old) | set(new), key=str):
        if identity not in new:
            if known & _services(first, before, old[identity]):
                row("closed", before, first, old[identity])
        elif identity not in old:
            if known & _services(last, after, new[identity]):
                row("opened", after, last, new[identity])
        else:
            one, other = old[identity], new[identity]
            metres = _metres_between(first, before.xy[one], last, after.xy[other])
            sides = {
                f"{name}_{side}": float(getattr(places, name)[number])
                for name in ATTRIBUTES
                for side, places, number in (("before", before, one), ("after", after, other))
            }
            differs = any(
                not np.array_equal(sides[f"{name}_before"], sides[f"{name}_after"], equal_nan=True)
                for name in ATTRIBUTES
            )
            differs |= known & _services(first, before, one) != known & _services(last, after, other)
            if metres > MOVED_METRES or differs:
                kind = "moved" if metres > MOVED_METRES else "changed"
                row(kind, after, last, other, moved_metres=metres, **sides)
    columns = [
        *("place_change", "facility_id", "facility_name", "services_zh", "services_en", "lon", "lat", "moved_metres"),
        *(f"{name}_{side}" for name in ATTRIBUTES for side in ("before", "after")),
    ]
    return pd.DataFrame(rows, columns=columns)


def _metres_between(first: Study, one: FloatArray, last: Study, other: FloatArray) -> float:
    """Return how far apart places of two studies are, on the ellipsoid where their coordinate systems differ."""
    if first.crs == last.crs:
        return float(np.hypot(*(one - other)))
    ends = [lonlat_of(xy[np.newaxis], study.crs)[0] for study, xy in ((first, one), (last, other))]
    return float(pyproj.Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2])


def _open_places(study: Study) -> tuple[Facilities, Mapping[str, int]]:
    shown = study.facilities.take(published(study))
    return shown, {str(name): number for number, name in enumerate(shown.ids)}


def _services(study: Study, places: Facilities, number: int) -> frozenset[str]:
    serves = zip(study.standard.services, places.serves[number], strict=True)
    return frozenset(service.id for service, offered in serves if offered)


def _homes(first: Study, last: Study) -> pd.DataFrame:
    """Count homes and residents that came, went and changed, by district and in all."""
    sides = [
        pd.DataFrame(
            {
                "id": study.homes.ids.astype(str),
                "residents": study.homes.residents,
                "district": np.append(study.districts.ids, [""])[study.homes.district].astype(str),
            }
        ).drop_duplicates("id")
        for study in (first, last)
    ]
    both = sides[0].merge(sides[1], on="id", how="outer", suffixes=("_before", "_after"), indicator="side")
    both["district_id"] = both["district_after"].fillna(both["district_before"])
    counts = {
        "homes_new": both["side"] == "right_only",
        "homes_gone": both["side"] == "left_only",
        "homes_changed_residents": (both["side"] == "both") & (both["residents_before"] != both["residents_after"]),
    }
    table = (
        both.assign(**counts).groupby("district_id", sort=True)[[*counts, "residents_before", "residents_after"]].sum()
    )
    table.loc[""] = table.sum()
    table["residents_change"] = table["residents_after"] - table["residents_before"]
    return table.astype(dict.fromkeys(counts, int)).sort_index().reset_index()
