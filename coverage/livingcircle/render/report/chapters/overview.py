"""总体评估: coverage of every service, what the requirements say to it, and districts beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Cell, Column, Paragraph, Section, Table
from livingcircle.render.report.material import Material, Of, cell_of, table_of
from livingcircle.render.words import shown_count, shown_limit

MOST_DISTRICTS = 60


def chapter(of: Material) -> Iterator[Section]:
    """Begin with verdicts on the whole study, then coverage at the limits shown, then districts."""
    yield Section(
        1,
        of.say("chapter.overview"),
        (Paragraph(of.say("overview.intro" if len(of.smallest("scores")) else "overview.intro_whole")),),
    )
    verdicts = table_of(
        of,
        "verdicts",
        "verdicts",
        (
            Of("service", 2.4),
            Of("limit_minutes", 1.1, shown="limit"),
            Of("minimum_share", 1.1),
            Of("residents_share", 1.2),
            Of("residents_short", head="short", width=1.3),
            Of("verdict", 1.3),
        ),
        of.whole("verdicts"),
        note=of.say("verdicts.note"),
    )
    told = tuple(verdicts) or (Paragraph(of.say("verdicts.none")),)
    yield Section(2, of.say("section.verdicts"), told)
    yield Section(
        2,
        of.say("section.coverage"),
        (Paragraph(of.say("coverage.intro")), *_coverage(of), *figures.coverage_chart(of)),
    )
    blocks = tuple(_districts(of))
    if blocks:
        yield Section(2, of.say("section.districts"), blocks)


def _coverage(of: Material) -> Iterator[Table]:
    """Services down, limits across, residents covered in the cells."""
    whole = of.whole("coverage")
    limits = [seconds / 60 for seconds in of.results.assessment.shown_limits_seconds]
    shown = whole[whole["limit_minutes"].round(6).isin([round(one, 6) for one in limits])]
    if not len(shown):
        return
    columns = (
        Column(of.say("head.service"), 2.4),
        Column(of.say("head.facilities"), 1.0, "right"),
        *(Column(of.say("head.within", limit=shown_limit(limit, None, of.language)), 1.1, "right") for limit in limits),
    )
    rows = []
    for _, own in shown.groupby("service_id", sort=False):
        first = int(own.index[0])
        at = {round(float(own.loc[row, "limit_minutes"]), 6): int(row) for row in own.index}
        rows.append(
            (
                Cell(str(own.loc[first, of.both("service")])),
                cell_of(of, "coverage", first, "facilities"),
                *(
                    cell_of(of, "coverage", at[round(limit, 6)], "residents_share")
                    if round(limit, 6) in at
                    else Cell("—")
                    for limit in limits
                ),
            )
        )
    yield Table("coverage", of.say("table.coverage"), columns, tuple(rows), "coverage", of.say("coverage.note"))


def _districts(of: Material) -> Iterator[Block]:
    scores = of.smallest("scores")
    if not len(scores):
        return
    ranked = scores.sort_values("living_circle_score", ascending=False, kind="stable")
    yield Paragraph(of.say("districts.intro", count=shown_count(len(ranked))))
    yield from table_of(
        of,
        "scores",
        "scores",
        (
            Of("district_name", 1.6),
            Of("residents", 1.35),
            Of("living_circle_score", 1.2, "score", "score"),
            Of("services_reached_share", 1.3),
            Of("closeness", 1.25, "closeness", "score"),
            Of("weakest_link", 1.2, "weakest_link", "score"),
            Of("weakest_service", 2.0),
        ),
        ranked,
        most=MOST_DISTRICTS,
        note=of.say("scores.note"),
    )
    yield from figures.districts_map(of)
    yield from figures.districts_chart(of)
