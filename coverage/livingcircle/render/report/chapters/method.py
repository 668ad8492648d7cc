"""方法与数据质量: how figures come about, from what data, and what must be known of these."""

from __future__ import annotations

from collections.abc import Iterator

from livingcircle.render import tables
from livingcircle.render.completeness import completeness_means, completeness_said
from livingcircle.render.report.document import Block, Bullets, Paragraph, Section
from livingcircle.render.report.material import Material, Of, table_of
from livingcircle.render.summary import ESTIMATES, residents_estimated
from livingcircle.render.walking import assumptions
from livingcircle.render.words import say, shown_count, shown_share

MOST_DISTRICTS = 60
MOST_DIFFERENCES = 30
MOST_WARNINGS = 60


def chapter(of: Material) -> Iterator[Section]:
    """Yield method, data and their quality."""
    yield Section(1, of.say("chapter.method"), (Paragraph(of.say("method.intro")),))
    yield Section(2, of.say("section.method"), tuple(_method(of)))
    yield Section(2, of.say("section.data"), tuple(_data(of)))
    yield Section(2, of.say("section.network"), tuple(_network(of)))
    yield Section(2, of.say("section.warnings"), tuple(_warnings(of)))


def _method(of: Material) -> Iterator[Block]:
    study = of.results.study
    speed = study.walker.speed_metres_per_second
    yield Paragraph(say("overview.basis_text", of.language))
    said = [
        of.say(
            "method.walker",
            walker=study.walker.name.said(of.language),
            speed=f"{speed:g}",
            kilometres=f"{3.6 * speed:.1f}",
        ),
        of.say("method.assumptions", assumptions=assumptions(study.walker, of.language)),
        of.say("method.covered"),
        *([of.say("method.metres")] if any(one.limit_metres for one in study.standard.requirements) else ()),
        of.say("method.verdict"),
        of.say("method.no_data"),
    ]
    scores = of.whole("scores")
    if len(scores):
        weights = {
            part: shown_share(scores[f"weight_{column}"].iloc[0])
            for part, column in (("reached", "reached"), ("closeness", "closeness"), ("weakest", "weakest"))
        }
        said.append(of.say("method.score", **weights))
    if of.results.intervals is not None:
        said.append(of.say("method.intervals", ranges=tables.ranges_said(of.results, of.language)))
    yield Bullets(tuple(said))


def _data(of: Material) -> Iterator[Block]:
    study = of.results.study
    streets = study.network.streets
    yield Paragraph(
        of.say(
            "data.counts",
            homes=shown_count(len(study.homes)),
            residents=shown_count(float(study.homes.residents.sum())),
            facilities=shown_count(len(study.facilities)),
            kilometres=f"{float(streets.take(streets.drawn).metres.sum()) / 1000:,.1f}",
        )
    )
    if residents_estimated(study):
        for fault in study.warnings:
            if fault.kind in ESTIMATES:
                yield Paragraph(fault.sentence(of.language), "finding")
    else:
        yield Paragraph(of.say("data.stated"))
    unjoined = int((~study.home_anchors.joined).sum())
    if unjoined:
        people = float(study.homes.residents[~study.home_anchors.joined].sum())
        yield Paragraph(of.say("data.unjoined", homes=shown_count(unjoined), residents=shown_count(people)))
    quarantined = of.tables["quarantined"]
    if len(quarantined):
        yield Paragraph(of.say("data.quarantined", count=shown_count(len(quarantined))))
    if study.attribution:
        yield Paragraph(of.say("data.credits"))
        yield Bullets(tuple(of.own(credit) for credit in study.attribution))
    check = of.tables["population_check"]
    if not len(check):
        return
    differing = check[check["difference"].fillna(0).abs() > 0]
    if not len(differing):
        yield Paragraph(of.say("data.population_same", count=shown_count(len(check))))
        return
    yield Paragraph(of.say("data.population_differs", count=shown_count(len(differing)), all=shown_count(len(check))))
    yield from table_of(
        of,
        "population_check",
        "population_check",
        (
            Of("figure", 1.0),
            Of("district_name", 1.4),
            Of("in_homes", 1.0),
            Of("in_table", 1.0),
            Of("difference", 1.0),
            Of("difference_share", 1.0),
        ),
        differing,
        most=MOST_DIFFERENCES,
    )


def _network(of: Material) -> Iterator[Block]:
    found = of.results.study.completeness
    if not len(found):
        yield Paragraph(of.say("network.unmeasured"))
        return
    yield Paragraph(completeness_said(found, 0, of.language))
    means = completeness_means(found, 0, of.language)
    if means:
        yield Paragraph(means, "finding")
    table = of.tables["network_completeness"]
    yield from table_of(
        of,
        "network",
        "network_completeness",
        (
            Of("district_name", 1.3, shown="unit"),
            Of("network_grade", 1.0, "grade"),
            Of("street_kilometres", 1.0),
            Of("residents_far_share", 1.2),
            Of("apart_share", 1.0),
            Of("dead_ends_per_km", 1.0),
            Of("paths_share", 1.0),
        ),
        table[table["scope"].isin(["study", "district"])],
        most=MOST_DISTRICTS,
        note=of.say("network.note"),
        strong=lambda row: row.scope == "study",
    )


def _warnings(of: Material) -> Iterator[Block]:
    warnings = of.tables["warnings"]
    if not len(warnings):
        yield Paragraph(of.say("warnings.none"))
        return
    yield Paragraph(of.say("warnings.intro", count=shown_count(len(warnings))))
    yield from table_of(
        of,
        "warnings",
        "warnings",
        (Of("place", 1.2, "place"), Of("problem", 4.0, "problem")),
        most=MOST_WARNINGS,
        note=of.say("warnings.note", sheet=say("table.warnings", of.language)),
    )
