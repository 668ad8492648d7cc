"""A report put together: chapters in order, numbered, with what the cover says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from livingcircle.faults import Language
from livingcircle.model.results import Results
from livingcircle.render.report.chapters import (
    change,
    clauses,
    districts,
    equity,
    files,
    gaps,
    limits,
    method,
    overview,
    plans,
    services,
    summary,
)
from livingcircle.render.report.document import Report, Section
from livingcircle.render.report.material import Change, Material
from livingcircle.render.tables import Tables
from livingcircle.render.words import say, shown_count, shown_moment

Chapter = Callable[[Material], Iterable[Section]]
"""Sections of which the first is a chapter's heading; none where a study has nothing to tell of the subject."""
CHAPTERS: tuple[Chapter, ...] = (
    summary.chapter,
    method.chapter,
    overview.chapter,
    services.chapter,
    districts.chapter,
    gaps.chapter,
    plans.chapter,
    equity.chapter,
    change.chapter,
    limits.chapter,
)
ANNEXES: tuple[Chapter, ...] = (clauses.chapter, files.chapter)


def report_of(results: Results, tables: Tables, language: Language, change_since: Change | None = None) -> Report:
    """Write the report of a study.

    Parameters
    ----------
    tables
        `tables_of(results)`, from which every figure is taken.
    change_since
        What changed since last year, for the chapter on it.

    Returns
    -------
        The report; `report.figures()` names the maps and charts to be drawn for it.
    """
    of = Material(results, tables, language, change_since)
    study = results.study
    chapters = _numbered((list(chapter(of)) for chapter in CHAPTERS), str)
    annexes = _numbered(
        (list(annex(of)) for annex in ANNEXES), lambda number: of.say("annex_number", letter=chr(ord("A") + number - 1))
    )
    return Report(
        title=study.title.said(language),
        subtitle=of.say("subtitle"),
        language=language,
        facts=tuple(_facts(of)),
        sections=tuple(chain(chapters, annexes)),
        sources=tuple(of.own(credit) for credit in study.attribution),
        made=results.provenance.started_utc,
    )


def _numbered(chapters: Iterable[list[Section]], numbered: Callable[[int], str]) -> Iterator[Section]:
    """Number the chapters that have anything, and their sections within them."""
    for chapter, sections in enumerate((one for one in chapters if one), start=1):
        first, second = numbered(chapter), 0
        for section in sections:
            if section.level == 1:
                yield replace(section, number=first)
            elif section.level == 2:  # smaller ones go without
                second += 1
                yield replace(section, number=f"{first.split()[-1]}.{second}")
            else:
                yield section


def _facts(of: Material) -> Iterator[tuple[str, str]]:
    study, made = of.results.study, of.results.provenance
    standard, walker = study.standard, study.walker
    speed = walker.speed_metres_per_second
    yield (
        say("overview.standard", of.language),
        say("overview.standard_edition", of.language, title=standard.title.said(of.language), edition=standard.edition),
    )
    yield (
        say("overview.walker", of.language),
        say(
            "overview.walker_speed",
            of.language,
            name=walker.name.said(of.language),
            speed=speed,
            kilometres=speed * 3.6,
        ),
    )
    people = of.say(
        "cover.scope_text",
        residents=shown_count(float(study.homes.residents.sum())),
        homes=shown_count(len(study.homes)),
        facilities=shown_count(len(study.facilities)),
    )
    yield of.say("cover.scope"), people
    yield of.say("cover.inputs"), of.say("cover.inputs_text", count=shown_count(len(study.inputs)))
    if of.change is not None:
        yield of.say("cover.before"), of.change.before.said(of.language)
    yield of.say("cover.made"), shown_moment(made.started_utc, of.language)
    yield of.say("cover.version"), f"Living Circle {made.versions.get('living-circle', '')}".strip()
