"""Between which values assumptions are moved, to see how far coverage follows."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from livingcircle.settings.base import Number, Settings
from livingcircle.settings.walker import CrossingSettings, WalkerSettings
from livingcircle.yaml_text import needed

Speed = Annotated[Number, Field(gt=0.1, lt=3)]
Cap = Annotated[Number, Field(gt=0, le=5000)]


class IntervalSettings(Settings):
    """Ranges of assumptions. Each must hold the study's own value; a range whose ends are both that value holds it still."""

    speed_metres_per_second: tuple[Speed, Speed] | None = None
    """Slowest and fastest walking speed; from 0.8 to 1.12 times the walker's own when left out (1.0 to 1.4 of 1.25 m/s)."""
    crossing_seconds: tuple[CrossingSettings, CrossingSettings] | None = None
    """Shortest and longest waits at crossings; when left out, from none to {signal: 30, zebra: 5, tertiary: 5, secondary: 15, primary: 30},
    or to the walker's own where those are longer."""
    join_cap_metres: tuple[Cap, Cap] | None = None
    """Smallest and largest distance within which places are joined to the streets; half and twice the network's own when left out."""
    gates: bool = True
    """Whether compounds without a known gate also count with a single one, where `compounds: unknown_gates: band` has both computed."""

    @model_validator(mode="after")
    def _low_first(self) -> Self:
        for ends in (self.speed_metres_per_second, self.join_cap_metres):
            if ends is not None and ends[0] > ends[1]:
                raise needed("先小后大的两个数", "two numbers, the smaller first")
        if self.crossing_seconds is not None:
            short, long = (ends.model_dump() for ends in self.crossing_seconds)
            if any(short[where] > long[where] for where in short):
                raise needed("先短后长的两组等候时间", "two sets of waits, the shorter ones first")
        return self

    def check_around(self, walker: WalkerSettings, join_cap_metres: float) -> None:
        """Refuse ranges that do not hold the study's own values.

        Raises
        ------
        PydanticCustomError
            For the first that does not.
        """
        own = {
            "speed_metres_per_second": walker.speed_metres_per_second,
            "join_cap_metres": join_cap_metres,
            **{f"crossing_seconds.{where}": wait for where, wait in walker.crossing_seconds.model_dump().items()},
        }
        ends: dict[str, tuple[float, float]] = {}
        if self.speed_metres_per_second is not None:
            ends["speed_metres_per_second"] = self.speed_metres_per_second
        if self.join_cap_metres is not None:
            ends["join_cap_metres"] = self.join_cap_metres
        if self.crossing_seconds is not None:
            short, long = (waits.model_dump() for waits in self.crossing_seconds)
            ends |= {f"crossing_seconds.{where}": (short[where], long[where]) for where in short}
        for name, (low, high) in ends.items():
            if not low <= own[name] <= high:
                raise needed(
                    f"包含本研究取值的范围：{name} 为 {own[name]:g}",
                    f"ranges that hold the study's own values: {name} is {own[name]:g}",
                )
