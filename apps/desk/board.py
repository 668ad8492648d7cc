"""What a session has on the map of one study: the place that was clicked, the scenario in the making, and those it saved.

Everything lives in the session: no other session sees it, and it ends with the page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

from desk.view import View
from livingcircle.errors import LivingCircleError

if TYPE_CHECKING:
    from livingcircle.drafting import Drafts
    from livingcircle.model.scenario import TriedScenario
    from livingcircle.render.levels import Level
    from livingcircle.settings.scenario import ScenarioChange, ScenarioSettings

BOARDS_KEPT = 2
FIRST_ID = "scenario"

Section = Literal["told", "what_if", "compare"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The place clicked, or asked for `by_name`: a home or a facility by its position, and the service whose route is drawn."""

    kind: Literal["home", "facility"]
    place: int
    service: int
    in_square: bool = False
    by_name: bool = False


@dataclass(slots=True)
class Saved:
    """A scenario that was saved, and what came of it, as the command prints it."""

    scenario: ScenarioSettings
    figures: Mapping[str, Any]


@dataclass(slots=True)
class Board:
    """The state of one study's map. `section` is what stands below the map, `fault` what was wrong with the last thing drawn.

    `unknown` says that there is no home of the id asked for. `pointed` is a popup that another panel asked for, until something is clicked.
    """

    view: View
    asked: Asked | None = None
    pointed: Mapping[str, Any] | None = None
    section: Section = "told"
    fault: str = ""
    unknown: str = ""
    seconds: float = 0.0
    saved: dict[str, Saved] = field(default_factory=dict)
    _drafts: Drafts | None = None
    _tried: tuple[object, TriedScenario] | None = None

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels of the map, as it was sent."""
        return self.view.answers.start.levels(self.view.answers.results)

    @property
    def drafts(self) -> Drafts:
        """The scenario in the making; the study is searched in full when it is first asked for."""
        if self._drafts is None:
            from livingcircle.drafting import begin_drafts
            from livingcircle.settings.base import Title
            from livingcircle.settings.scenario import ScenarioSettings

            name = self.say("trial_name")
            scenario = ScenarioSettings(id=FIRST_ID, title=Title(zh=name, en=name))
            answers = self.view.answers
            self._drafts = begin_drafts(answers.start.bench(answers.results, answers.settings), scenario)
        return self._drafts

    @property
    def is_changed(self) -> bool:
        """Whether a scenario differs from today."""
        return self._drafts is not None and self._drafts.now > 0 and _differs(self._drafts.draft.scenario)

    @property
    def tried(self) -> TriedScenario | None:
        """What comes of the scenario in the making; None where it is as today."""
        if not self.is_changed:
            return None
        draft = self.drafts.draft
        if self._tried is None or self._tried[0] is not draft:
            self._tried = draft, draft.tried()
        return self._tried[1]

    @property
    def figures(self) -> Mapping[str, Any]:
        """What comes of the scenario in the making, as the command prints it."""
        from livingcircle.render.scenario_terminal import scenario_figures

        tried, answers = self.tried, self.view.answers
        assert tried is not None  # noqa: S101 - asked for only when there is one
        shown = answers.settings.outputs.isochrone_minutes
        found: Mapping[str, Any] = scenario_figures(answers.results.study, [tried], shown)["scenarios"][0]
        return found

    def say(self, key: str, **values: str | float) -> str:
        """Return the words of the desk for `key`."""
        from livingcircle.render.words import say

        return say(f"desk.{key}", self.view.language, **values)

    def titled(self, scenario: ScenarioSettings) -> str:
        """Return what a scenario is called."""
        title = scenario.title
        return title.zh or title.en if self.view.language == "zh" else title.en or title.zh

    def work(self, step: Callable[[Drafts], Drafts]) -> bool:
        """Take a step, and say whether it could be taken; what is wrong with it is kept in words."""
        started = time.perf_counter()
        self.fault = ""
        try:
            self._drafts = step(self.drafts)
            _ = self.tried
        except LivingCircleError as error:
            language = self.view.language
            self.fault = " ".join(fault.sentence(language) for fault in error.faults)
            return False
        finally:
            self.section = "what_if"
        self.seconds = time.perf_counter() - started
        return True

    def change(self, change: ScenarioChange) -> bool:
        """Make one change."""
        return self.work(lambda drafts: drafts.with_change(change))

    @property
    def token(self) -> str:
        """What changes with the scenario."""
        if not self.is_changed:
            return ""
        return f"{hash(repr(self.drafts.draft.scenario)):x}"


def board(view: View) -> Board:
    """Return the board of the study looked at; those of other studies are kept for a while."""
    kept: dict[str, Board] = st.session_state.setdefault("boards", {})
    key = view.answers.key
    found = kept.pop(key, None) or Board(view)
    found.view = view
    kept[key] = found
    while len(kept) > BOARDS_KEPT:
        del kept[next(iter(kept))]
    return found


def again() -> NoReturn:
    """Run what stands around the map again, or the whole page where it is the page that runs."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        st.rerun()


def _differs(scenario: ScenarioSettings) -> bool:
    assumed = (scenario.speed_metres_per_second, scenario.limit_minutes, scenario.standard)
    return bool(scenario.changes) or any(one is not None for one in assumed)
