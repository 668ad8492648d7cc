"""The maps and charts of a report, by name: chapters set them, `maps` and `charts` draw them.

A name is the anchor of a figure and the stem of its file (`maps/<name>.png`). The lists here say what is drawn for a study: nothing of
services whose places may not be shown, nothing where there is no figure to draw.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from livingcircle.render.report.document import Figure
from livingcircle.render.report.material import Material
from livingcircle.render.tables import is_open
from livingcircle.render.words import shown_limit

SCORE_MAP = "map-score"
"""Homes by their score of the living circle (0 to 100)."""
GAPS_MAP = "map-gaps"
"""Areas of the gap list, by severity, the first ones with their rank in the list."""
DISTRICTS_MAP = "map-districts"
"""The smallest districts by their mean score: a choropleth with the score written in."""
UNMET_MAP = "map-unmet"
"""The smallest districts by the share of clauses not met there."""
SERVICE_MAP = "map-service-"
"""`map-service-<service id>`: homes by minutes to the nearest facility, with the facilities."""
PLAN_MAP = "map-plan-"
"""`map-plan-<number>`: the sites of a plan (number from 1, as in the tables), homes they bring in time, existing facilities."""
COVERAGE_CHART = "chart-coverage"
"""Share of residents within 5, 10 and 15 minutes (the limits shown) of each service."""
DISTRICTS_CHART = "chart-districts"
"""Districts beside each other by their score."""
LORENZ_CHART = "chart-lorenz"
"""Lorenz curve of the score."""
FRONTIER_CHART = "chart-frontier-"
"""`chart-frontier-<number>`: what more or fewer sites, or more money, would do."""


def _figure(of: Material, name: str, width: float = 1.0, kind: str = "", /, **said: str) -> Figure:
    kind = kind or name.removeprefix("map-").removeprefix("chart-").split("-")[0]
    group = "map" if name.startswith("map-") else "chart"
    key = f"{group}.{kind}"
    return Figure(name, of.say(key, **said), of.say(f"{key}.alternative", **said), width)


def has_scores(of: Material) -> bool:
    """Return whether homes have a score: whether the standard requires any service that is known."""
    return bool(len(of.tables["scores"]))


def districts_compared(of: Material) -> int:
    """Return how many of the smallest districts have a score."""
    scores = of.tables["scores"]
    return int((scores["scope"] == "district").sum()) if len(scores) else 0


def score_map(of: Material) -> Iterator[Figure]:
    """The overview of the whole study."""
    if has_scores(of):
        yield _figure(of, SCORE_MAP)


def districts_map(of: Material) -> Iterator[Figure]:
    """Districts by their score, where there are any to compare."""
    if districts_compared(of) > 1:
        yield _figure(of, DISTRICTS_MAP)


def unmet_map(of: Material) -> Iterator[Figure]:
    """Districts by the share of clauses not met, where clauses are judged in more than one."""
    rows = of.tables["rule_verdicts"]
    judged = rows[(rows["scope"] == "district") & rows["verdict"].isin(["met", "unmet"])]
    if judged["district_id"].nunique() > 1:
        yield _figure(of, UNMET_MAP)


def districts_chart(of: Material) -> Iterator[Figure]:
    """The same as bars."""
    if districts_compared(of) > 1:
        yield _figure(of, DISTRICTS_CHART)


def coverage_chart(of: Material) -> Iterator[Figure]:
    """Coverage of all services, where any is known."""
    if of.tables["coverage"]["residents_share"].notna().any():
        yield _figure(of, COVERAGE_CHART)


def lorenz_chart(of: Material) -> Iterator[Figure]:
    """How evenly the score is spread."""
    if (of.tables["lorenz"]["good"] == "score").any():
        yield _figure(of, LORENZ_CHART, 0.7)


def gaps_map(of: Material) -> Iterator[Figure]:
    """Gap areas, where there are any."""
    if len(of.tables["gap_list"]):
        yield _figure(of, GAPS_MAP)


def service_map(of: Material, service_id: str) -> Iterator[Figure]:
    """The map of one service the standard asks for, where its places may be shown and somebody offers it."""
    study = of.results.study
    number = next((at for at, one in enumerate(study.standard.services) if one.id == service_id), None)
    asked = [one for one in study.standard.requirements if one.service == service_id]
    if number is None or not asked or not is_open(study.standard.services[number]):
        return
    if np.isfinite(of.results.assessment.reach.seconds[number]).any():
        limits = of.say("between").join(
            dict.fromkeys(shown_limit(one.limit_minutes, one.limit_metres, of.language) for one in asked)
        )
        name = study.standard.services[number].name.said(of.language)
        key = "service_metres" if all(one.limit_metres is not None for one in asked) else "service"
        yield _figure(of, f"{SERVICE_MAP}{service_id}", 0.8, key, service=name, limits=limits)


def plan_map(of: Material, plan: int) -> Iterator[Figure]:
    """The map of one plan that has sites, where its services may be shown."""
    sites = of.tables["plan"]
    ids = set(sites.loc[sites["plan"] == plan, "service_id"])
    if ids and all(is_open(one) for one in of.results.study.standard.services if one.id in ids):
        yield _figure(of, f"{PLAN_MAP}{plan}", 0.8, plan=str(plan))


def frontier_chart(of: Material, plan: int) -> Iterator[Figure]:
    """What more or less would do, where the study asks for it."""
    frontier = of.tables["plan_frontier"]
    if (frontier["plan"] == plan).sum() > 1:
        yield _figure(of, f"{FRONTIER_CHART}{plan}", 0.8, plan=str(plan))
