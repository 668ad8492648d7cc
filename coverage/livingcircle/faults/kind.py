"""What every kind of fault is: how bad, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fault", "warning", "note"]
"""`fault` stops a run, `warning` is carried into every output, `note` says in a check how something was understood."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way an input can be wrong: its severity, the problem and the remedy in both languages."""

    severity: Severity
    problem_zh: str
    problem_en: str
    remedy_zh: str
    remedy_en: str
