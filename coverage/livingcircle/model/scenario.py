"""What a scenario comes to: coverage beside that of today, and what changed on the way there."""

from __future__ import annotations

from dataclasses import dataclass

from livingcircle.model.access import Access
from livingcircle.model.columns import Columns, FloatArray, IntArray, TextArray
from livingcircle.model.outcome import CoverageTable, Reach, VerdictTable
from livingcircle.model.standard import Standard, Words
from livingcircle.model.study import Study
from livingcircle.model.verdict import RuleVerdicts


@dataclass(frozen=True, slots=True, eq=False)
class ChangeEffects(Columns):
    """What each change of a scenario did, one after another (k rows).

    `homes` is how many homes walk another time, or to another facility, for any service because of it; `residents_gained` are residents
    within the limits of the study's requirements, counted once per service and limit, after it less before it.
    """

    kind: TextArray
    homes: IntArray
    residents_gained: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """How a study stands beyond coverage: the living-circle score and places beside demand (`access`, nothing else of it), and its clauses.

    `clauses` has no rows where another standard than the study's own is assumed: its rules ask for more than the study holds.
    """

    access: Access
    clauses: RuleVerdicts


@dataclass(frozen=True, slots=True, eq=False)
class TriedScenario:
    """One scenario, computed, beside today.

    The two tables of verdicts have the same rows; limits in metres take other seconds at another speed, so rows of the two tables of
    coverage are found by service and limit. `study` is the study as the scenario has it: facilities that came stand after the last, those
    that went offer nothing. `standard` is the one it is judged by, `not_judged` the services of that standard which the study does not
    hold. `standing` is score, places and clauses, worked out again. `changed_homes` are positions of homes that walk another time, or to
    another facility, than today.
    """

    id: str
    title: Words
    study: Study
    standard: Standard
    reach: Reach
    coverage_before: CoverageTable
    coverage: CoverageTable
    verdicts_before: VerdictTable
    verdicts: VerdictTable
    standing_before: Standing
    standing: Standing
    effects: ChangeEffects
    changed_homes: IntArray
    not_judged: tuple[str, ...] = ()
