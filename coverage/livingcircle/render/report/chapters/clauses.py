"""附录: every clause that was judged, with what it asks, what was found and how well its wording was checked; and disputes."""

from __future__ import annotations

from collections.abc import Iterator

from livingcircle.render.clauses import MARK
from livingcircle.render.report.document import Block, Bullets, Paragraph, Section
from livingcircle.render.report.material import Material, Of, table_of
from livingcircle.render.words import shown_count

MOST_CLAUSES = 300


def chapter(of: Material) -> Iterator[Section]:
    """Yield the verdicts on the whole study, clause by clause, then where texts contradict each other."""
    clauses = of.whole("rule_verdicts")
    if not len(clauses):
        return
    intro: list[Block] = [Paragraph(of.say("clauses.intro", count=shown_count(len(clauses))))]
    unverified = int((clauses["mark"] != "").sum())
    if unverified:
        intro.append(Paragraph(of.say("clauses.unverified", mark=MARK, count=shown_count(unverified)), "finding"))
    told = table_of(
        of,
        "clauses",
        "rule_verdicts",
        (
            Of("basis", 2.2, "basis"),
            Of("requirement", 2.8),
            Of("found", 1.2, "found"),
            Of("difference", 1.3, "difference"),
            Of("verdict", 1.0),
            Of("binding", 1.0),
            Of("explained", 2.6, "explained"),
            Of("checked", 1.7, "checked"),
        ),
        clauses,
        most=MOST_CLAUSES,
        note=of.say("clauses.note" if len(of.results.study.districts) else "clauses.note_whole"),
    )
    yield Section(1, of.say("chapter.clauses"), (*intro, *told), wide=True)
    disputes = of.tables["disputes"]
    if len(disputes):
        said = []
        for _, one in disputes.iterrows():
            readings = one[of.both("readings")]
            said.append(
                of.say(
                    "dispute",
                    topic=one[of.both("topic")],
                    finding=one[of.both("finding")],
                    treatment=one[of.both("treatment")],
                )
                + (of.say("dispute_readings", readings=readings) if readings else "")
            )
        yield Section(2, of.say("section.disputes"), (Paragraph(of.say("disputes.intro")), Bullets(tuple(said))))
