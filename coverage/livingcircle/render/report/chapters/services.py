"""分类设施评估: by system of service, what there is, who has it within the limit of the clause, and what the clause is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from livingcircle.model.standard import ServiceType
from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Cell, Column, Figure, Paragraph, Section, Table
from livingcircle.render.report.material import Material, Of, cell_of, more_said, table_of, tone_of
from livingcircle.render.tables import is_open
from livingcircle.render.words import shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    import pandas as pd

MOST_DISTRICTS = 40
MOST_CLAUSES = 40
MOST_SERVICES_ACROSS = 6
MOST_LOWEST = 3
WIDTH_OF_NAMES, WIDTH_OF_SERVICE = 0.25, 0.3
"""Of the width between the margins."""


def chapter(of: Material) -> Iterator[Section]:
    """Yield a section for every system of which the study counts a service, those without any left out."""
    yield Section(1, of.say("chapter.services"), (Paragraph(of.say("services.intro")),))
    for title, services in _systems(of):
        yield Section(2, title, tuple(_system(of, services)))


def _systems(of: Material) -> Iterator[tuple[str, Sequence[ServiceType]]]:
    standard = of.results.study.standard
    known = {system.id: system.name.said(of.language) for system in standard.systems}
    groups: dict[str, list[ServiceType]] = {}
    for service in standard.services:
        groups.setdefault(service.system if service.system in known else "", []).append(service)
    for system in [*(one for one in known if one in groups), *([""] if "" in groups else [])]:
        yield known.get(system, of.say("services.other")), groups[system]


def _system(of: Material, services: Sequence[ServiceType]) -> Iterator[Block]:
    ids = [service.id for service in services]
    for service in services:
        yield Paragraph(" ".join(_told(of, service)) if of.language == "en" else "".join(_told(of, service)))
    verdicts = of.whole("verdicts")
    yield from table_of(
        of,
        f"system-{ids[0]}",
        "verdicts",
        (
            Of("service", 1.8),
            Of("limit_minutes", 1.0, shown="limit"),
            Of("residents_share", 1.1, "covered"),
            Of("residents_short", head="short", width=1.1),
            Of("verdict", 1.2),
            Of("document_title", 2.2, "basis"),
            Of("clause", 1.5),
        ),
        verdicts[verdicts["service_id"].isin(ids)],
    )
    yield from _clauses(of, ids)
    yield from _by_district(of, ids)
    maps: list[Figure] = [figure for one in ids for figure in figures.service_map(of, one)]
    yield from maps


def _clauses(of: Material, ids: Sequence[str]) -> Iterator[Table]:
    """Clauses on these services that ask for other things than walks: that there is one, how large, how many staff."""
    clauses = of.whole("rule_verdicts")
    walked = set(of.tables["verdicts"]["requirement_id"])
    yield from table_of(
        of,
        f"system_clauses-{ids[0]}",
        "rule_verdicts",
        (
            Of("requirement", 2.6),
            Of("asked", 1.2, "asked"),
            Of("found", 1.2, "found"),
            Of("difference", 1.2, "difference"),
            Of("verdict", 1.1),
            Of("basis", 2.2, "basis"),
        ),
        clauses[clauses["service_id"].isin(ids) & ~clauses["rule_id"].isin(walked)],
        most=MOST_CLAUSES,
    )


def _told(of: Material, service: ServiceType) -> Iterator[str]:
    """Say of one service how many there are, whom they reach, what that means and where it is worst."""
    name = service.name.said(of.language)
    coverage = of.whole("coverage")
    own = coverage[coverage["service_id"] == service.id]
    if not is_open(service):
        yield of.say("services.not_located", service=name)
    count = int(own["facilities"].iloc[0]) if len(own) else 0
    if len(own) and not own["residents_share"].notna().any():
        yield of.say("services.unknown", service=name)
        return
    yield of.say("services.there", service=name, count=shown_count(count))
    verdicts = of.tables["verdicts"]
    for _, row in (verdicts[(verdicts["service_id"] == service.id) & (verdicts["scope"] == "study")]).iterrows():
        units = verdicts[(verdicts["requirement_id"] == row["requirement_id"]) & (verdicts["scope"] == "district")]
        yield from _requirement_told(of, row, units)
    if not (verdicts["service_id"] == service.id).any() and len(own):
        last = own.iloc[-1]
        yield of.say(
            "services.not_required",
            limit=shown_limit(last["limit_minutes"], last["limit_metres"], of.language),
            share=shown_share(last["residents_share"]),
        )


def _requirement_told(of: Material, row: pd.Series, units: pd.DataFrame) -> Iterator[str]:
    limit = shown_limit(row["limit_minutes"], row["limit_metres"], of.language)
    if row["verdict"] == "no_data":
        yield of.say("services.no_data", limit=limit)
        return
    said = {
        "limit": limit,
        "share": shown_share(row["residents_share"]),
        "target": shown_share(row["minimum_share"]),
        "short": shown_count(row["residents_short"]),
    }
    yield of.say(f"services.{row['verdict']}", **said)
    below = units[units["verdict"] == "unmet"]
    if len(units) > 1:
        worst = units[units["residents_share"] == units["residents_share"].min()]
        if len(below) and len(worst):
            yield of.say(
                "services.districts_none" if len(below) == len(units) else "services.districts",
                below=shown_count(len(below)),
                all=shown_count(len(units)),
                worst=_names(of, worst["district_name"]),
                share=shown_share(worst["residents_share"].iloc[0]),
            )
        else:
            yield of.say("services.districts_all", all=shown_count(len(units)))


def _names(of: Material, districts: pd.Series) -> str:
    """Name the districts that are lowest together, the first few of many."""
    names = of.say("between").join(districts.head(MOST_LOWEST))
    return names if len(districts) <= MOST_LOWEST else of.say("services.lowest", names=names, count=len(districts))


def _by_district(of: Material, ids: Sequence[str]) -> Iterator[Table]:
    """Districts down, requirements of the system across, residents covered in the cells."""
    verdicts = of.smallest("verdicts")
    own = verdicts[verdicts["service_id"].isin(ids)]
    if not len(own) or own["district_id"].nunique() < 2:
        return
    asked = own.drop_duplicates("requirement_id")
    for start in range(0, len(asked), MOST_SERVICES_ACROSS):
        part = asked.iloc[start : start + MOST_SERVICES_ACROSS]
        columns = [Column(of.column("district_name"), 1.4)]
        for _, row in part.iterrows():
            limit = shown_limit(row["limit_minutes"], row["limit_metres"], of.language)
            columns.append(
                Column(of.say("head.service_within", service=row[of.both("service")], limit=limit), 1.0, "right")
            )
        rows = []
        groups = list(own.groupby("district_id", sort=False))
        for _, unit in groups[:MOST_DISTRICTS]:
            at = dict(zip(unit["requirement_id"], unit.index, strict=True))
            cells = [Cell(str(unit["district_name"].iloc[0]))]
            for one in part["requirement_id"]:
                if one not in at:
                    cells.append(Cell("—"))
                    continue
                tone = tone_of(str(unit.loc[at[one], "verdict"]))
                cells.append(cell_of(of, "verdicts", int(at[one]), "residents_share", tone=tone))
            rows.append(tuple(cells))
        note = of.say("by_district.note")
        if len(groups) > MOST_DISTRICTS:
            note = f"{note} {more_said(of, 'verdicts', MOST_DISTRICTS, len(groups))}"
        name = f"system_districts-{ids[0]}-{start}"
        wide = min(WIDTH_OF_NAMES + WIDTH_OF_SERVICE * len(part), 1.0)
        yield Table(name, of.say("table.system_districts"), tuple(columns), tuple(rows), "verdicts", note, wide)
