"""局限: what the figures do not say, in plain words; those of the data of this study first."""

from __future__ import annotations

from collections.abc import Iterator

from livingcircle.model.walker import CrossingSeconds
from livingcircle.render.report.document import Block, Bullets, Paragraph, Section
from livingcircle.render.report.material import Material
from livingcircle.render.summary import residents_estimated

ALWAYS = ("walking", "presence", "lists", "drawings", "severity", "candidates", "clauses")


def chapter(of: Material) -> Iterator[Section]:
    """Say what holds of every study, and what of this one."""
    study = of.results.study
    said = []
    if residents_estimated(study):
        said.append(of.say("limit.estimated"))
    if study.cautious is not None:
        said.append(of.say("limit.gates"))
    if study.grades is None:
        said.append(of.say("limit.level"))
    if study.walker.crossing == CrossingSeconds():
        said.append(of.say("limit.waits"))
    if of.results.intervals is None:
        said.append(of.say("limit.intervals"))
    said += [of.say(f"limit.{name}") for name in ALWAYS if name != "candidates" or len(of.tables["plan_quality"])]
    note = study.standard.note.said(of.language)
    blocks: list[Block] = [Paragraph(of.say("limits.intro")), Bullets(tuple(said))]
    if note:
        blocks.append(Paragraph(of.say("limits.standard", note=note)))
    yield Section(1, of.say("chapter.limits"), tuple(blocks))
