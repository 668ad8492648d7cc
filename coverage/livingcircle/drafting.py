"""A scenario in the making: changes one after another, each worked out by itself, and every state before kept so that it can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from livingcircle.model.scenario import TriedScenario
from livingcircle.scenarios import Bench, changed, counted, made
from livingcircle.settings.scenario import ScenarioChange, ScenarioSettings


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A scenario and the benches it has led to: `today` as it is judged, `at` after the changes."""

    scenario: ScenarioSettings
    today: Bench
    at: Bench

    def tried(self) -> TriedScenario:
        """Count what comes of it beside today; the same figures as `livingcircle.scenarios.tried` gives from the start."""
        return counted(self.today, self.at, self.scenario)


@dataclass(frozen=True, slots=True, eq=False)
class Drafts:
    """All states of a scenario in the making, `now` the position of the one looked at; `base` is the study as it is."""

    base: Bench
    states: tuple[Draft, ...]
    now: int = 0

    @property
    def draft(self) -> Draft:
        """The state looked at."""
        return self.states[self.now]

    @property
    def can_undo(self) -> bool:
        """Whether there is a state before."""
        return self.now > 0

    @property
    def can_redo(self) -> bool:
        """Whether a state was undone."""
        return self.now < len(self.states) - 1

    def undone(self) -> Drafts:
        """Go back one state."""
        return replace(self, now=max(0, self.now - 1))

    def redone(self) -> Drafts:
        """Go forward again."""
        return replace(self, now=min(len(self.states) - 1, self.now + 1))

    def with_change(self, change: ScenarioChange) -> Drafts:
        """Make one change more, and only that.

        Raises
        ------
        InputError, NetworkError
            When it cannot be made; see `livingcircle.scenarios.changed`.
        """
        draft = self.draft
        scenario = draft.scenario.model_copy(update={"changes": (*draft.scenario.changes, change)})
        return self._then(replace(draft, scenario=scenario, at=changed(draft.at, change)))

    def with_assumptions(self, speed: float | None, limit_minutes: float | None, standard: str | None) -> Drafts:
        """Assume another speed, a limit besides, another standard; the changes are made again from the start.

        Raises
        ------
        InputError
            When a change cannot be made.
        """
        said = {"speed_metres_per_second": speed, "limit_minutes": limit_minutes, "standard": standard}
        return self.with_scenario(self.draft.scenario.model_copy(update=said))

    def with_scenario(self, scenario: ScenarioSettings, file: str = "") -> Drafts:
        """Take up a whole scenario; `file` names it in faults.

        Raises
        ------
        InputError
            With every change that cannot be made.
        """
        return self._then(Draft(scenario, *made(self.base, scenario, file)))

    def _then(self, draft: Draft) -> Drafts:
        states = (*self.states[: self.now + 1], draft)[-MOST_STATES:]
        return Drafts(self.base, states, len(states) - 1)


MOST_STATES = 60
"""So far back a reader can go."""


def begin_drafts(base: Bench, scenario: ScenarioSettings) -> Drafts:
    """Begin with a scenario that changes nothing, whose name is given."""
    return Drafts(base, (Draft(scenario, base, base),))


def without_changes(scenario: ScenarioSettings) -> ScenarioSettings:
    """Return a scenario of the same name that is as today."""
    return ScenarioSettings(id=scenario.id, title=scenario.title)
