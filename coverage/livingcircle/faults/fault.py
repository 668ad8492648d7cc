"""One fault, and its sentence in Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from livingcircle.faults import (
    answers,
    compounds,
    coordinates,
    districts,
    edge,
    facilities,
    files,
    homes,
    online,
    plans,
    questions,
    records,
    serving,
    settings,
    siting,
    standards,
    streets,
    values,
)
from livingcircle.faults.filling import filled
from livingcircle.faults.kind import FaultKind, Severity

Language = Literal["zh", "en"]
Detail = str | float | tuple[str, ...]
"""What stands in the braces of a sentence."""

LONGEST_VALUE = 200
"""Characters of a cell that are repeated in a report."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that would steer a terminal, or turn the direction of the text around them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault found in one place.

    `row` counts as the user's program does: the header of a table is row 1, features of a layer count from 1. `details` fills the braces of the
    sentence; what is several there is listed as the language lists. Of a long `value` the beginning is kept, without control characters.
    """

    kind: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    details: Mapping[str, Detail] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            message = f"no fault kind is called {self.kind!r}"
            raise KeyError(message)
        if len(self.value) > LONGEST_VALUE or not self.value.isprintable():
            more = "…" if len(self.value) > LONGEST_VALUE else ""
            object.__setattr__(self, "value", _CONTROLS.sub("\ufffd", self.value[:LONGEST_VALUE]) + more)

    @property
    def severity(self) -> Severity:
        """`fault` stops a run, `warning` is carried into every output."""
        return FAULT_KINDS[self.kind].severity

    def problem(self, language: Language = "en") -> str:
        """Say what is wrong."""
        kind = FAULT_KINDS[self.kind]
        return self._filled(kind.problem_zh if language == "zh" else kind.problem_en, language)

    def remedy(self, language: Language = "en") -> str:
        """Say what to do about it."""
        kind = FAULT_KINDS[self.kind]
        return self._filled(kind.remedy_zh if language == "zh" else kind.remedy_en, language)

    def place(self, language: Language = "en", *, without: Collection[str] = ()) -> str:
        """Name file, row, column and value, as far as they are known and not left out."""
        row, column, value = (
            ("第{}行", "列“{}”", "值“{}”") if language == "zh" else ("row {}", "column “{}”", "value “{}”")
        )
        parts = [self.file]
        if self.row is not None:
            parts.append(row.format(self.row))
        if self.column and "column" not in without:
            parts.append(column.format(self.column))
        if self.value and "value" not in without:
            parts.append(value.format(self.value))
        return ("，" if language == "zh" else ", ").join(part for part in parts if part)

    def sentence(self, language: Language = "en") -> str:
        """Place, problem and remedy in one line; the problem may name column and value itself."""
        template = FAULT_KINDS[self.kind].problem_en
        place = self.place(language, without=[name for name in ("column", "value") if f"{{{name}}}" in template])
        problem, remedy = self.problem(language), self.remedy(language)
        if language == "zh":
            return f"{place}：{problem}。{remedy}。" if place else f"{problem}。{remedy}。"
        return f"{place}: {problem}. {remedy}." if place else f"{problem}. {remedy}."

    def _filled(self, template: str, language: Language) -> str:
        comma = "、" if language == "zh" else ", "
        told = {
            name: detail if isinstance(detail, (str, float, int)) else comma.join(detail)
            for name, detail in self.details.items()
        }
        return filled(template, {"file": self.file, "column": self.column, "value": self.value, **told})


def several(names: Iterable[object], most: int) -> tuple[str, ...]:
    """Return the first names as a detail of a fault; the last ends in an ellipsis where there are more."""
    every = [str(name) for name in names]
    return tuple(every) if len(every) <= most else (*every[: most - 1], f"{every[most - 1]}…")


FAULT_KINDS: Mapping[str, FaultKind] = MappingProxyType(
    {
        **answers.KINDS,
        **compounds.KINDS,
        **coordinates.KINDS,
        **districts.KINDS,
        **edge.KINDS,
        **facilities.KINDS,
        **files.KINDS,
        **homes.KINDS,
        **online.KINDS,
        **plans.KINDS,
        **questions.KINDS,
        **records.KINDS,
        **serving.KINDS,
        **settings.KINDS,
        **siting.KINDS,
        **standards.KINDS,
        **streets.KINDS,
        **values.KINDS,
    }
)
