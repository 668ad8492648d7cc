"""分街道、社区评估: a page for every district: its figures, what is not met there, and its gaps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Cell, Column, Paragraph, Section, Table
from livingcircle.render.report.material import Material, Of, cell_of, more_said, table_of
from livingcircle.render.words import shown_count, shown_share

if TYPE_CHECKING:
    import pandas as pd

MOST_SHEETS = 40
MOST_BESIDE = 100
MOST_GAPS = 3
MOST_UNMET = 12
_VERDICTS = ("met", "unmet", "no_data", "not_applicable")
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
    intro: list[Block] = [Paragraph(of.say("sheets.intro", count=shown_count(len(units))))]
    if len(shown) < len(units):
        intro.append(Paragraph(of.say("sheets.lowest", shown=shown_count(len(shown)), all=shown_count(len(units)))))
        intro.append(Paragraph(more_said(of, "verdicts", len(shown), len(units)), "note"))
    yield Section(1, of.say("chapter.districts"), (*intro, *_beside(of, units), *figures.unmet_map(of)))
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


def _beside(of: Material, units: pd.DataFrame) -> Iterator[Table]:
    """All districts beside each other: score, how many clauses have which verdict, gaps."""
    scores, judged, gaps = of.smallest("scores"), of.smallest("rule_verdicts"), of.tables["gap_list"]
    columns = [Column(of.column("district_name"), 1.5), Column(of.say("head.people"), 1.0, "right")]
    if len(scores):
        columns.append(Column(of.say("head.score"), 1.2, "right"))
    columns += [Column(of.say(f"head.clauses_{verdict}"), 1.1, "right") for verdict in _VERDICTS]
    columns.append(Column(of.say("head.gaps"), 0.9, "right"))
    score_row = dict(zip(scores["district_id"], scores.index, strict=True)) if len(scores) else {}
    counts = judged.groupby(["district_id", "verdict"]).size().to_dict() if len(judged) else {}
    listed = gaps["district_id"].value_counts().to_dict() if len(gaps) else {}
    rows = []
    for row, unit in zip(units.index[:MOST_BESIDE].tolist(), units["district_id"], strict=False):
        cells = [cell_of(of, "coverage", row, "district_name"), cell_of(of, "coverage", row, "residents")]
        if len(scores):
            known = unit in score_row
            cells.append(cell_of(of, "scores", score_row[unit], "living_circle_score", "score") if known else Cell("—"))
        numbers = [*(counts.get((unit, verdict), 0) for verdict in _VERDICTS), listed.get(unit, 0)]
        rows.append((*cells, *(Cell(shown_count(number), float(number)) for number in numbers)))
    note = of.say("beside.note")
    if len(units) > MOST_BESIDE:
        note = f"{note} {more_said(of, 'rule_verdicts', MOST_BESIDE, len(units))}"
    yield Table("beside", of.say("table.beside"), tuple(columns), tuple(rows), "rule_verdicts", note)


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
            Of("limit_minutes", 1.0, shown="limit"),
            Of("minimum_share", 1.0),
            Of("residents_share", 1.1, "covered"),
            Of("residents_short", head="short", width=1.2),
            Of("verdict", 1.3),
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
            low = unmet["residents_share"].min()
            worst = unmet.loc[unmet["residents_share"] == low, of.both("service")].drop_duplicates()
            said.append(of.say("sheet.worst", services=of.say("between").join(worst), share=shown_share(low)))
    judged = _of_unit(of, "rule_verdicts", unit)["verdict"].value_counts()
    if len(judged):
        counted = {verdict: int(judged.get(verdict, 0)) for verdict in _VERDICTS}
        said.append(of.say("sheet.clauses", all=int(judged.sum()), **counted))
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
        Column(of.say("head.item"), 1.9),
        Column(of.say("head.here"), 1.25, "right"),
        Column(of.say("head.whole"), 0.95, "right"),
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
            Of("place_rank", 0.6, "rank"),
            Of("gap_name", 2.4),
            Of("residents", 0.9, "people"),
            Of("lacking_ids", 3.6, "lacking", "services"),
            Of("causes", 1.9, "main_gap_cause", "first"),
        ),
        own.head(MOST_GAPS),
        name=_name(of, unit),
    )


def _of_unit(of: Material, table: str, unit: str) -> pd.DataFrame:
    frame = of.smallest(table)
    return frame[frame["district_id"] == unit] if len(frame) else frame


def _name(of: Material, unit: str) -> str:
    units = of.smallest("coverage")
    return str(units.loc[units["district_id"] == unit, "district_name"].iloc[0])
