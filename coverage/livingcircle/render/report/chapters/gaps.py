"""缺口与成因: where people are left out, why, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Cell, Column, Origin, Paragraph, Section, Table
from livingcircle.render.report.material import Material, Of, cell_of, limit_head, table_of
from livingcircle.render.words import shown_count, shown_limit, shown_share

if TYPE_CHECKING:
    import pandas as pd

MOST_LISTED = 20
CAUSES_NAMED = 3


def chapter(of: Material) -> Iterator[Section]:
    """Begin with the map, then causes by requirement, where facilities fall short, and the list."""
    gaps, lacks = of.tables["gap_list"], of.tables["shortages"]
    title = of.say("chapter.gaps")
    if not len(gaps) and not len(lacks):
        yield Section(1, title, (Paragraph(of.say("gaps.none")),))
        return
    intro = of.say("gaps.intro", count=shown_count(len(gaps)))
    yield Section(1, title, (Paragraph(intro), Paragraph(of.say("gaps.how"), "note"), *figures.gaps_map(of)))
    causes = tuple(_causes(of))
    if causes:
        yield Section(2, of.say("section.causes"), (Paragraph(of.say("causes.intro")), *causes))
    short = tuple(_shortages(of))
    if short:
        yield Section(2, of.say("section.shortages"), short)
    listed = tuple(_listed(of))
    if listed:  # last, for the paper is turned for it
        yield Section(2, of.say("section.gap_list"), listed, wide=True)


def _causes(of: Material) -> Iterator[Table]:
    """One row for each requirement: whom it leaves out, and the main causes with the residents they concern."""
    causes = of.tables["gap_causes"]
    if not len(causes):
        return
    columns = (
        Column(of.say("head.service"), 1.7),
        Column(limit_head(of, causes), 1.0, "right"),
        Column(of.say("head.left_out"), 1.1, "right"),
        *(Column(of.say("head.cause", rank=rank), 1.9) for rank in range(1, CAUSES_NAMED + 1)),
    )
    rows = []
    for _, own in causes.groupby("requirement_id", sort=False):
        ranked = own.sort_values("residents", ascending=False, kind="stable")
        first = int(ranked.index[0])
        total = float(own["residents"].sum())
        shares = ranked["cause_share"].to_dict()
        named = [
            Cell(
                of.say("causes.cell", cause=of.cause(str(ranked.loc[row, "cause"])), share=shown_share(shares[row])),
                shares[row],
                origin=Origin("gap_causes", row, "cause_share"),
            )
            for row in ranked.index[:CAUSES_NAMED].tolist()
        ]
        limit = shown_limit(own["limit_minutes"].iloc[0], own["limit_metres"].iloc[0], of.language)
        rows.append(
            (
                cell_of(of, "gap_causes", first, of.both("service")),
                Cell(limit),
                Cell(shown_count(total), total),
                *named,
                *[Cell("—")] * (CAUSES_NAMED - len(named)),
            )
        )
    yield Table("gap_causes", of.say("table.gap_causes"), columns, tuple(rows), "gap_causes", of.say("causes.note"))


def _listed(of: Material) -> Iterator[Table]:
    """The list, with one remedy for each place: the one that brings most of its residents in time; the workbook has all of them."""
    gaps, areas = of.tables["gap_list"], of.tables["gaps"]
    shown = table_of(
        of,
        "gap_list",
        "gap_list",
        (
            Of("place_rank", 0.5, "rank"),
            Of("gap_name", 2.2),
            Of("residents", 0.8, "people"),
            Of("services_missing", 0.8, "services_missing"),
            Of("lacking_ids", 2.6, "lacking", "services"),
            Of("causes", 2.4, "causes"),
        ),
        most=MOST_LISTED,
        note=of.say("gap_list.note"),
    )
    for table in shown:
        told = [
            _remedy(of, row, areas[areas["gap_id"] == gaps.loc[row, "gap_id"]])
            for row in gaps.index[:MOST_LISTED].tolist()
        ]
        rows = tuple((*row, cell) for row, cell in zip(table.rows, told, strict=True))
        yield replace(table, columns=(*table.columns, Column(of.say("head.main_remedy"), 3.2)), rows=rows)


def _remedy(of: Material, row: int, areas: pd.DataFrame) -> Cell:
    """Say the remedy that brings most residents of a place in time, and of which service."""
    known = areas[areas[of.both("remedy")] != ""]
    if not len(known):
        return cell_of(of, "gap_list", row, of.both("remedy"))
    best = known.sort_values("residents_closed", ascending=False, kind="stable").iloc[[0]]
    text = of.say("gap_list.remedy", service=best[of.both("service")].item(), remedy=best[of.both("remedy")].item())
    return Cell(text, origin=Origin("gaps", best.index.tolist()[0], of.both("remedy")))


def _shortages(of: Material) -> Iterator[Block]:
    yield from table_of(
        of,
        "shortages",
        "shortages",
        (
            Of("facility_name", 1.8),
            Of("service", 1.4),
            Of("district_name", 1.2),
            Of("cause", 1.4, "main_cause"),
            Of("people_lacking", 1.0),
            Of("remedy", 3.4, "remedy"),
        ),
        most=MOST_LISTED,
    )
