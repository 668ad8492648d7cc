"""Which unmet clauses new places can close, and what each of them asks of a plan.

A walking limit asks that enough people of a unit come within it; the presence, number or floor area of a service asks for places, or square
metres, within the unit. Staff, opening hours, land and what people answer for cannot be built by choosing sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from livingcircle.kernel.gauge import WHOLE_STUDY
from livingcircle.kernel.metrics.facts import CIRCLE
from livingcircle.model.columns import IntArray
from livingcircle.model.outcome import VerdictTable
from livingcircle.model.rule import Metric, Rule
from livingcircle.model.standard import Requirement
from livingcircle.model.verdict import RuleVerdicts

Lacking = Callable[[Rule, IntArray], IntArray]
"""Returns the units of a rule's level in which none of these facilities lies."""
PLACES: frozenset[Metric] = frozenset(
    {"presence", "named", "one_per_unit", "count", "count_total", "count_per_resident"}
)
"""Metrics that another place in the unit adds one to."""
FLOOR: frozenset[Metric] = frozenset({"floor_m2_per_100_households", "floor_m2_per_1000_residents"})
"""Metrics that another place in the unit adds its floor area to."""
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class OpenClause:
    """An unmet clause of one unit: what is short of what.

    `services` are positions of the services any of which closes it. `short` are residents to bring within `limit_seconds` (`walk`), places
    (`places`) or m² (`floor`) still missing. `unit` is a position in `Districts`, drawn circles after them, -1 for the whole study;
    `requirement` one in `Standard.requirements`, -1 for other clauses.
    """

    rule: str
    services: tuple[int, ...]
    unit: int
    kind: Literal["walk", "places", "floor"]
    short: float
    limit_seconds: float = np.inf
    requirement: int = -1


def open_clauses(
    requirements: Sequence[Requirement],
    verdicts: VerdictTable,
    rules: Sequence[Rule],
    rule_verdicts: RuleVerdicts,
    services: Sequence[str],
    lacking: Lacking,
) -> Iterator[OpenClause]:
    """Yield every unmet clause that new places can close, walking limits first; `services` are ids in the order of all columns.

    A share of units that must all have one asks for a place in each unit that is `lacking`. Where less than all is enough, which of them
    get one is not decided here, and the clause is left out.
    """
    position = {service: number for number, service in enumerate(services)}
    for row in np.flatnonzero((verdicts.verdict == "unmet") & (verdicts.residents_short > 0)).tolist():
        number = int(verdicts.requirement[row])
        asked = requirements[number]
        yield OpenClause(
            asked.id,
            (position[asked.service],),
            int(verdicts.district[row]),
            "walk",
            float(verdicts.residents_short[row]),
            asked.limit_seconds,
            number,
        )
    walked = {asked.id for asked in requirements}
    by_unit = {int(rule) for rule, unit in zip(rule_verdicts.rule, rule_verdicts.unit, strict=True) if unit >= 0}
    for row in np.flatnonzero((rule_verdicts.verdict == "unmet") & (rule_verdicts.shortfall > 0)).tolist():
        number, unit = int(rule_verdicts.rule[row]), int(rule_verdicts.unit[row])
        rule = rules[number]
        named = rule.members if rule.service == CIRCLE else (rule.service,)
        own = tuple(position[service] for service in named if service in position)
        of_units = unit == WHOLE_STUDY and number in by_unit  # each unit has a row of its own
        if rule.metric == "share_of_units_with" and own and unit == WHOLE_STUDY:
            first, last = rule_verdicts.evidence_indptr[row : row + 2]
            without = lacking(rule, rule_verdicts.evidence[first:last])
            if np.isclose(rule_verdicts.shortfall[row], len(without)):
                yield from (OpenClause(rule.id, own, int(one), "places", 1.0) for one in without)
            continue
        if rule.id in walked or not own or of_units or rule.metric not in PLACES | FLOOR:
            continue
        short = float(rule_verdicts.shortfall[row])
        if rule.metric in PLACES:
            yield OpenClause(rule.id, own, unit, "places", float(np.ceil(short - DUST)))
        else:
            yield OpenClause(rule.id, own, unit, "floor", short)
