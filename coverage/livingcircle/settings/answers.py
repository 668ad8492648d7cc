"""Answers of people to rules that no map can answer."""

from __future__ import annotations

from livingcircle.settings.base import Settings
from livingcircle.settings.layers import LayerSettings


class AnswerColumns(Settings):
    """Names of the columns of a sheet of answers; those left out are recognised by the names `living-circle checklist` gives them."""

    rule: str | None = None
    """Id of the rule (条文编号)."""
    district: str | None = None
    """Id of the district (分区编号); the answer is for the whole study where it is empty or there is no such column."""
    answer: str | None = None
    """Yes or no (是, 否), 不适用, or a figure in the unit of the rule; shares as 85% or 0.85 (答复)."""
    told_by: str | None = None
    """Who says so (填报人)."""
    told_on: str | None = None
    """When (日期)."""
    remark: str | None = None
    """What else there is to say (说明)."""


class AnswerSheet(LayerSettings):
    """A sheet of answers: the checklist that `living-circle checklist` writes, filled in, or a register with the same columns."""

    columns: AnswerColumns = AnswerColumns()
    """Names of its columns."""
