"""Many studies merged into one city: every home counts once, with the shortest walk any of the studies found for it.

Studies overlap where each reaches beyond its border, as it must. A home that several hold (the same place to a metre's tenth) is
counted in the study whose districts hold it, else in the first; a facility that only one of them knows serves it all the same. So the
coverage of the city is a union, and never the sum of its parts.

```
city/coverage.csv, ranking.csv, districts.csv, studies.csv      what people read, as machines read it
city/tables.xlsx, map.html                                      the same for people
city/maps/<service>-<limit>.png, maps.pdf                       maps for print, where they are asked for
city/homes/study=<study>/part.parquet                           every home once, with its walks (GeoParquet)
```
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from livingcircle.faults import Fault, Language
from livingcircle.merging.differences import (
    differences,
    in_no_district,
    looked_less_far,
    of_neighbours,
    unstudied,
)
from livingcircle.merging.parts import Parts, write_geoparquet, write_parts
from livingcircle.merging.union import (
    CITY_WIDE,
    Limit,
    city_coverage,
    coverage_in,
    district_coverage,
    limits_of,
    looked_in_tiles,
    merged_districts,
    merged_homes,
    ranking,
)
from livingcircle.model.batch import Done
from livingcircle.model.places import Districts
from livingcircle.model.standard import Words
from livingcircle.provenance import versions
from livingcircle.render.city_map import write_city_map
from livingcircle.render.city_prints import (
    ATLAS,
    MAPS,
    CityPrints,
    forget_city_prints,
    write_city_prints,
)
from livingcircle.render.folder import replaced_file
from livingcircle.render.report import missing_libraries
from livingcircle.render.sheets import write_csv, write_workbook
from livingcircle.render.tables import VERDICTS, dictionary
from livingcircle.render.words import LANGUAGES, in_one_language, say

if TYPE_CHECKING:
    import geopandas

__all__ = ["City", "Merged", "Parts", "city_coverage", "coverage_in", "merge", "merged_homes", "write_parts"]


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """What is asked of a city: its title and language, the year its data should be of, the districts that should be studied (degrees).

    `told` is what is known already that readers of its results must know; `prints` whether maps for print are wanted.
    """

    title: Words
    language: Language = "zh"
    year: int | None = None
    districts: Districts | None = None
    told: tuple[Fault, ...] = ()
    prints: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """The tables of a city by name, the files that were written, and what must be known of them."""

    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, Path]
    warnings: tuple[Fault, ...]


def merge(
    folder: Path, city: City, studies: Sequence[Done], parts: Mapping[str, Parts], days: Mapping[str, Sequence[str]]
) -> Merged:
    """Merge the studies that are done and write the city's tables, map and homes into `folder`, each file complete or not at all.

    `studies` are all of the batch, `parts` the files of those that are done, by name, `days` those their data are of.

    Raises
    ------
    InputError
        When a file cannot be written.
    """
    records = {name: json.loads(one.record.read_text(encoding="utf-8")) for name, one in parts.items()}
    homes = merged_homes({name: one.homes for name, one in parts.items()})
    districts = merged_districts({name: one.districts for name, one in parts.items()}, homes)
    limits = limits_of(records.values())
    looked = looked_in_tiles(records)
    titles = {CITY_WIDE: city.title} | {name: Words(**record["title"]) for name, record in records.items()}
    coverage = _titled(city_coverage(homes, list(parts), limits, looked), titles)
    by_district = _titled(district_coverage(homes, districts, limits, looked), titles)
    warnings = [*city.told, *differences(records, days, city.year), *looked_less_far(limits, looked)]
    warnings += [*of_neighbours(records, homes), *in_no_district(homes, districts)]
    if city.districts is not None:
        warnings += unstudied(city.districts, homes)
    if city.prints and not (lacking := missing_libraries()):
        about = {"coverage": by_district, "whole": coverage[coverage["study"] == CITY_WIDE]}
        warnings += write_city_prints(folder, _prints(city, records, districts, limits, **about))
    else:
        forget_city_prints(folder)
        if city.prints:
            warnings.append(Fault("prints_left_out", details={"names": tuple(lacking)}))
    tables = {
        "city_studies": _studies(studies, records, days, homes),
        "city_coverage": coverage,
        "city_ranking": _titled(ranking(coverage), titles),
        "city_districts": by_district,
        "city_warnings": pd.DataFrame(
            {f"problem_{one}": [fault.sentence(one) for fault in warnings] for one in ("zh", "en")}
        ),
    }
    files = {name.removeprefix("city_"): folder / f"{name.removeprefix('city_')}.csv" for name in tables}
    for name, table in tables.items():
        with replaced_file(files[name.removeprefix("city_")]) as draft:
            write_csv(draft, table)
    files["tables"] = folder / "tables.xlsx"
    notes = _notes(city, studies, homes)
    with replaced_file(files["tables"]) as draft:
        book = {**tables, "dictionary": dictionary(tables)}
        write_workbook(draft, book, city.language, city.title.said(city.language), notes)
    files["map"] = folder / "map.html"
    with replaced_file(files["map"]) as draft:
        write_city_map(draft, city.title, districts, by_district, _credits(records, city.language), city.language)
    files["homes"] = folder / "homes"
    _write_homes(files["homes"], homes)
    files |= {name: folder / file for name, file in (("prints", MAPS), ("atlas", ATLAS)) if (folder / file).exists()}
    return Merged(tables, files, tuple(warnings))


def _titled(table: pd.DataFrame, titles: Mapping[str, Words]) -> pd.DataFrame:
    """Return a table with the titles of its studies beside the names of their files."""
    if "study" in table:
        place = table.columns.tolist().index("study")
        for number, language in enumerate(LANGUAGES, start=1):
            said = [titles[one].said(language) or titles[one].zh for one in table["study"]]
            table.insert(place + number, f"study_title_{language}", said)
    return table


def _prints(
    city: City,
    records: Mapping[str, Mapping[str, Any]],
    districts: geopandas.GeoDataFrame,
    limits: Iterable[Limit],
    **tables: pd.DataFrame,
) -> CityPrints:
    """Return what maps for print show: every limit that any standard asks for, on the paper of the studies where they agree."""
    asked = {
        (row["service_id"], None if row["limit_metres"] else round(60 * row["limit_minutes"], 6), row["limit_metres"])
        for record in records.values()
        for row in record["verdicts"]
        if row["scope"] == "study"
    }
    drawn = [limit for limit in limits if limit in asked]
    systems = {record["settings"].get("crs") for record in records.values()}
    return CityPrints(
        title=city.title,
        districts=districts,
        limits=[(service, None if seconds is None else seconds / 60, metres) for service, seconds, metres in drawn],
        credits_=_credits(records, city.language),
        crs=systems.pop() if len(systems) == 1 else None,
        made=max(record["provenance"]["started_utc"] for record in records.values()),
        version=versions()["living-circle"],
        language=city.language,
        **tables,
    )


def _studies(
    studies: Sequence[Done],
    records: Mapping[str, Mapping[str, Any]],
    days: Mapping[str, Sequence[str]],
    homes: pd.DataFrame,
) -> pd.DataFrame:
    """Return a row for every study of the batch: what became of it, by what it was judged, how many verdicts of each kind it has."""
    people = homes.groupby("study")["residents"].sum()
    rows = []
    for done in studies:
        record = records.get(done.study)
        verdicts = [row for row in record["verdicts"] if row["scope"] == "study"] if record else []
        clauses = record["rule_counts"] if record else {}
        rows.append(
            {
                "study": done.study,
                "study_title_zh": record["title"]["zh"] if record else "",
                "study_title_en": record["title"]["en"] if record else "",
                "study_status": done.status,
                "residents": people.get(done.study, float("nan")),
                **{
                    f"requirements_{kind}": sum(row["verdict"] == kind for row in verdicts) if record else float("nan")
                    for kind in VERDICTS
                },
                **{f"clauses_{kind}": clauses.get(kind, float("nan")) for kind in VERDICTS},
                "standard_edition": f"{record['standard']['id']} {record['standard']['edition']}" if record else "",
                "program_version": record["provenance"]["versions"]["living-circle"] if record else "",
                "data_days": ", ".join(days.get(done.study, ())),
                "study_faults_zh": "\n".join(fault["zh"] for fault in done.faults),
                "study_faults_en": "\n".join(fault["en"] for fault in done.faults),
            }
        )
    return pd.DataFrame(rows)


def _notes(city: City, studies: Sequence[Done], homes: pd.DataFrame) -> list[tuple[str, str]]:
    done, language = [one for one in studies if one.is_done], city.language
    numbers = {"done": len(done), "total": len(studies), "residents": homes["residents"].sum(), "homes": len(homes)}
    notes = [(say("batch.note.studies", language), say("batch.note.merged", language, **numbers))]
    return [*notes, (say("batch.note.union", language), say("batch.note.union_told", language))]


def _credits(records: Mapping[str, Mapping[str, Any]], language: Language) -> tuple[str, ...]:
    every = (credit for record in records.values() for credit in record["attribution"])
    return tuple(dict.fromkeys(in_one_language(credit, language) for credit in every))


def _write_homes(folder: Path, homes: pd.DataFrame) -> None:
    """Write a partition for each study, named as DuckDB, Spark and Dask name them; those of studies that are no more are removed."""
    names = homes["study"].unique().tolist()
    for name in names:
        own = homes[homes["study"] == name].drop(columns="study")
        write_geoparquet(folder / f"study={name}" / "part.parquet", own.reset_index(drop=True))
    for former in folder.iterdir():
        if former.name.removeprefix("study=") not in names:
            shutil.rmtree(former, ignore_errors=True)
