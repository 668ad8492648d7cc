"""What scenarios start from: a study searched in full, with machine code at hand, made ready while its page is being read.

The first reader would otherwise wait some seconds at the first change. A bench never changes, so all readers of a study share it;
that of an uploaded study goes with its answers.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from livingcircle.errors import LivingCircleError

if TYPE_CHECKING:
    from livingcircle.model.results import Results
    from livingcircle.render.levels import Level
    from livingcircle.scenarios import Bench
    from livingcircle.settings import StudySettings


class Start:
    """The bench of one study, made once: ahead, in the background, or by whoever asks first."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._is_begun = False
        self._bench: Bench | None = None
        self._levels: tuple[Level, ...] | None = None

    def ahead(self, results: Results, settings: StudySettings) -> None:
        """Begin to make it, unless that was begun; does not wait."""
        if not self._is_begun:
            self._is_begun = True
            threading.Thread(target=self._rehearsed, args=(results, settings), daemon=True).start()

    def bench(self, results: Results, settings: StudySettings) -> Bench:
        """Return it, waiting until it is made."""
        from livingcircle.scenarios import bench

        with self._making:
            if self._bench is None:
                self._bench = bench(results.study, settings)
            return self._bench

    def levels(self, results: Results) -> tuple[Level, ...]:
        """Return the levels of the map, as it was sent."""
        from livingcircle.render.levels import levels_of

        with self._making:
            if self._levels is None:
                self._levels = levels_of(results.study.homes, results.study.crs)
            return self._levels

    def _rehearsed(self, results: Results, settings: StudySettings) -> None:
        """Make it, and try one site beside the first home: what a change needs of code is loaded then."""
        from livingcircle.drafting import begin_drafts
        from livingcircle.render.outlines import lonlat_of
        from livingcircle.render.overlay import scenario_on_map
        from livingcircle.render.scenario_terminal import scenario_figures
        from livingcircle.settings.base import Title
        from livingcircle.settings.scenario import AddSite, ScenarioSettings

        study = results.study
        x, y = lonlat_of(study.homes.xy[:1], study.crs)[0].tolist()
        first = next((service.id for service in study.standard.services if service.is_open), None)
        with suppress(LivingCircleError):
            drafts = begin_drafts(self.bench(results, settings), ScenarioSettings(id="rehearsal", title=Title(zh="—")))
            if first is not None:
                drafts = drafts.with_change(AddSite(kind="add_site", services=(first,), lonlat=(x, y)))
                tried = drafts.draft.tried()
                scenario_on_map(results, tried, self.levels(results), "zh")
                scenario_figures(study, [tried], settings.outputs.isochrone_minutes)
