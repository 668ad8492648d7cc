"""分街道、社区评估: a page for every district: its figures, what is not met there, and its gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from livingcircle.render.report.document import Block, Cell, Column, Paragraph, Section, Table
from livingcircle.render.report.material import Material, Of, cell_of, more_said, table_of
from livingcircle.render.words import shown_count, shown_share

if TYPE_CHECKING:
    import pandas as pd

MOST_SHEETS = 40
MOST_GAPS = 3
MOST_UNMET = 12
_FIGURES = (
    ("coverage", "residents", ""),
    ("coverage", "households", ""),
    ("coverage", "homes", ""),
    ("scores", "living_circle_score", "score"),
    ("scores", "services_reached_share", ""),
    ("scores", "closeness", "score"),
    ("scores", "weakest_link", "score"),
    ("network_completeness", "network_grade", ""),
)
"""Figures of a district: table, column, and the kind it is shown as where that is not the column's own."""


def chapter(of: Material) -> Iterator[Section]:
    """Yield a sheet for every smallest district, those with the lowest score where there are too many to print."""
    units = _units(of)
    if not len(units):
        return
    shown = units.head(MOST_SHEETS)
    intro = [Paragraph(of.say("sheets.intro", count=shown_count(len(units))))]
    if len(shown) < len(units):
        intro.append(Paragraph(of.say("sheets.lowest", shown=shown_count(len(shown)), all=shown_count(len(units)))))
        intro.append(Paragraph(more_said(of, "verdicts", len(shown), len(units)), "note"))
    yield Section(1, of.say("chapter.districts"), tuple(intro))
    for unit in shown.itertuples():
        within = f"（{unit.district_within}）" if of.language == "zh" else f" ({unit.district_within})"
        title = f"{unit.district_name}{within if unit.district_within else ''}"
        yield Section(2, title, tuple(_sheet(of, str(unit.district_id))), own_page=True)


def _units(of: Material) -> pd.DataFrame:
    """Return the smallest districts, in their order, or by score where not all can be printed."""
    units = of.smallest("coverage").drop_duplicates("district_id")
    if len(units) <= MOST_SHEETS:
        return units
    scores = of.smallest("scores")
    if not len(scores):
        return units
    score = units["district_id"].map(dict(zip(scores["district_id"], scores["living_circle_score"], strict=True)))
    return units.loc[score.sort_values(kind="stable").index]


def _sheet(of: Material, unit: str) -> Iterator[Block]:
    verdicts = _of_unit(of, "verdicts", unit)
    yield from _told(of, unit, verdicts)
    yield _figures(of, unit)
    yield from table_of(
        of,
        f"sheet_verdicts-{unit}",
        "verdicts",
        (
            Of("service", 2.2),
            Of("limit_minutes", 1.0, "limit", "limit"),
            Of("minimum_share", 1.0),
            Of("residents_share", 1.1),
            Of("residents_short", head="short", width=1.2),
            Of("verdict", 1.0),
        ),
        verdicts,
        name=_name(of, unit),
    )
    rules = _of_unit(of, "rule_verdicts", unit)
    walked = set(of.tables["verdicts"]["requirement_id"])
    other = rules[(rules["verdict"] == "unmet") & ~rules["rule_id"].isin(walked)]
    yield from table_of(
        of,
        f"sheet_unmet-{unit}",
        "rule_verdicts",
        (
            Of("requirement", 3.0),
            Of("found", 1.3, "found"),
            Of("difference", 1.4, "difference"),
            Of("basis", 2.3, "basis"),
        ),
        other,
        most=MOST_UNMET,
        name=_name(of, unit),
    )
    yield from _gaps(of, unit)


def _told(of: Material, unit: str, verdicts: pd.DataFrame) -> Iterator[Paragraph]:
    scores = _of_unit(of, "scores", unit).dropna(subset=["living_circle_score"])
    said = []
    if len(scores):
        all_of = of.smallest("scores")["living_circle_score"]
        row = scores.iloc[0]
        said.append(
            of.say(
                "sheet.score",
                name=row["district_name"],
                residents=shown_count(row["residents"]),
                score=f"{100 * row['living_circle_score']:.1f}",
                rank=int((all_of > row["living_circle_score"]).sum()) + 1,
                all=int(all_of.notna().sum()),
            )
        )
    if len(verdicts):
        unmet = verdicts[verdicts["verdict"] == "unmet"]
        said.append(of.say("sheet.requirements", all=len(verdicts), unmet=len(unmet)))
        if len(unmet):
            worst = unmet.sort_values("residents_share", kind="stable").iloc[0]
            said.append(
                of.say("sheet.worst", service=worst[of.both("service")], share=shown_share(worst["residents_share"]))
            )
    if said:
        yield Paragraph(("" if of.language == "zh" else " ").join(said))


def _figures(of: Material, unit: str) -> Table:
    """Figures of the district beside those of the whole study."""
    found = []
    for source, column, kind in _FIGURES:
        own, whole = _of_unit(of, source, unit), of.whole(source)
        if not len(own):
            continue
        row = int(own.index[0])
        head = of.say(f"figure.{column}")
        overall = cell_of(of, source, int(whole.index[0]), column, kind) if len(whole) else Cell("—")
        found.append((Cell(head), cell_of(of, source, row, column, kind), overall))
    columns = (
        Column(of.say("head.item"), 2.2),
        Column(of.say("head.here"), 0.9, "right"),
        Column(of.say("head.whole"), 0.9, "right"),
    )
    half = (len(found) + 1) // 2
    found += [(Cell(""),) * 3] * (2 * half - len(found))
    rows = tuple((*left, *right) for left, right in zip(found[:half], found[half:], strict=True))
    return Table(f"sheet-{unit}", of.say("table.sheet", name=_name(of, unit)), columns * 2, rows, "scores")


def _gaps(of: Material, unit: str) -> Iterator[Block]:
    gaps = of.tables["gap_list"]
    own = gaps[gaps["district_id"] == unit] if len(gaps) else gaps
    if not len(own):
        yield Paragraph(of.say("sheet.no_gaps"))
        return
    yield from table_of(
        of,
        f"sheet_gaps-{unit}",
        "gap_list",
        (
            Of("place_rank", 0.5, "rank"),
            Of("gap_name", 1.8),
            Of("residents", 0.8),
            Of("lacking", 3.2),
            Of("causes", 2.7, "causes"),
        ),
        own,
        most=MOST_GAPS,
        name=_name(of, unit),
    )


def _of_unit(of: Material, table: str, unit: str) -> pd.DataFrame:
    frame = of.smallest(table)
    return frame[frame["district_id"] == unit] if len(frame) else frame


def _name(of: Material, unit: str) -> str:
    units = of.smallest("coverage")
    return str(units.loc[units["district_id"] == unit, "district_name"].iloc[0])
