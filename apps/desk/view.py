"""What the reader is looking at: the answers of a study, in one language, for one service and one district or all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.answers import Answers
from livingcircle.faults import Language
from livingcircle.model.verdict import WHOLE_STUDY
from livingcircle.render.columns import COLUMNS
from livingcircle.render.words import say, shown_limit

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Answers and choices; `service` and `district` are ids, empty for all of them. `file` is the study file, None where there is none."""

    answers: Answers
    language: Language
    service: str = ""
    district: str = ""
    file: Path | None = None

    def say(self, key: str, **values: str | float) -> str:
        """Return the page's words for `key`."""
        return say(f"page.{key}", self.language, **values)

    def header(self, column: str) -> str:
        """Return the header of a column of the tables, with its unit."""
        return COLUMNS[column].display(self.language)

    def service_name(self, row: Row) -> str:
        """Return the service a row speaks of."""
        name: str = row["service"][self.language]
        return name

    def limit(self, row: Row) -> str:
        """Return the walking limit of a row, as its clause has it."""
        return shown_limit(row["limit_minutes"], row["limit_metres"], self.language)

    @property
    def services(self) -> dict[str, str]:
        """Every service of the standard: id to name, in its order."""
        types = self.answers.results.study.standard.services
        return {service.id: service.name.said(self.language) for service in types}

    @property
    def on_map(self) -> int | None:
        """The position on the map of the service looked at; None where none is chosen, or it is published by district only."""
        types = self.answers.results.study.standard.services
        drawn = [service.id for service in types if service.is_open]
        return drawn.index(self.service) if self.service in drawn else None

    @property
    def districts(self) -> dict[str, str]:
        """Every district: id to name, in order."""
        units = self.answers.results.study.districts
        return dict(zip(units.ids.tolist(), units.names.tolist(), strict=True))

    @property
    def district_number(self) -> int:
        """The position of the district looked at; -1 for the whole study."""
        return list(self.districts).index(self.district) if self.district in self.districts else WHOLE_STUDY

    @property
    def place(self) -> str:
        """The district looked at, or the whole study."""
        return self.districts.get(self.district) or self.say("whole_study")

    def here(self, row: Row) -> bool:
        """Whether a row speaks of the district looked at, or of the whole study where none is chosen."""
        if self.district:
            return bool(row["scope"] != "study" and row["district_id"] == self.district)
        return bool(row["scope"] == "study")

    def wanted(self, row: Row) -> bool:
        """Whether a row speaks of the service looked at, or any is."""
        return not self.service or row["service_id"] == self.service

    def targets(self) -> dict[tuple[str, float], float]:
        """Return the share the standard asks for, by service and limit; the highest where it asks twice."""
        asked: dict[tuple[str, float], float] = {}
        for row in self.answers.figures["verdicts"]:
            key = row["service_id"], row["limit_minutes"]
            asked[key] = max(row["minimum_share"], asked.get(key, 0.0))
        return asked
