"""The checklist: a sheet of questions that no map can answer, with a place for each answer; `sources.answers` reads it back."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from rich.cells import cell_len as cell_width

from livingcircle.faults import Language
from livingcircle.kernel.units import CIRCLES, DISTRICT_LEVEL
from livingcircle.model.places import Districts
from livingcircle.model.register import NO_ANSWERS, Answers
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Standard
from livingcircle.render.clauses import (
    IN_WORDS,
    SHARES,
    TOLD_BY_PEOPLE,
    YES_OR_NO,
    asked_of,
    measured_in,
    shown_amount,
    unverified_mark,
    wording,
)
from livingcircle.render.words import say, say_code

COLUMNS = (
    *("rule", "unit", "unit_name", "service", "clause", "quote", "question"),
    *("answer", "answer_unit", "remark", "told_by", "told_on"),
)
_WIDTHS = (17, 14, 16, 18, 20, 34, 46, 13, 15, 26, 12, 13)
_FILLED_IN = frozenset({"answer", "remark", "told_by", "told_on"})
_LINE_POINTS = 15.5
_HOW = ("how_1", "how_2", "how_3", "how_4")


@dataclass(frozen=True, slots=True)
class Question:
    """One row: a rule, and the position of the district it is asked of, -1 for the whole study."""

    rule: Rule
    unit: int


def questions_of(standard: Standard, districts: Districts) -> tuple[Question, ...]:
    """Return what people have to be asked: yes or no once for the study, figures that every unit must reach once for each unit.

    A list of facilities without its members is asked for, too. Clauses that only permit something ask for nothing.
    """
    return tuple(
        Question(rule, unit)
        for rule in standard.rules
        if (rule.metric in TOLD_BY_PEOPLE or (rule.metric == "facility_list" and not rule.members))
        and rule.operator != "allow"
        for unit in _units(rule, districts)
    )


def rows_of(standard: Standard, districts: Districts, answers: Answers) -> tuple[Question, ...]:
    """Return the questions, and beside those of each rule what was answered without being asked: no answer is lost on a new sheet."""
    asked: dict[str, list[int]] = {}
    for question in questions_of(standard, districts):
        asked.setdefault(question.rule.id, []).append(question.unit)
    for rule, unit in zip(answers.rule.tolist(), answers.unit.tolist(), strict=True):
        units = asked.setdefault(standard.rules[rule].id, [])
        if unit not in units:
            units.append(unit)
    return tuple(Question(rule, unit) for rule in standard.rules for unit in asked.get(rule.id, ()))


def _units(rule: Rule, districts: Districts) -> Iterable[int]:
    level = CIRCLES.get(rule.level, rule.level)
    at_level = [
        number for number, own in enumerate(districts.level.tolist()) if own and own == DISTRICT_LEVEL.get(level)
    ]
    each = rule.statistic == "each" and rule.metric != "checklist"
    return at_level if each and at_level else (-1,)


def write_checklist(
    path: Path, standard: Standard, districts: Districts, language: Language, answers: Answers = NO_ANSWERS
) -> tuple[int, int, int]:
    """Write the sheet, and return how many questions it asks, in how many rows, and how many of these stand answered.

    What was answered before is filled in with who said so and when; of several answers to one question the last. Cells of answers offer
    是, 否 and 不适用, or warn of what is no number; ids stand in grey, for they must stay as they are.
    """
    asked, told = rows_of(standard, districts, answers), _told(standard, answers, language)
    types = {service.id: service.name.said(language) for service in standard.services}
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        border = {"border": 1, "border_color": "#cfd6dc", "valign": "top"}
        styles = {
            "header": book.add_format({**border, "bold": True, "bg_color": "#dbe7f0", "valign": "vcenter"}),
            "filled": book.add_format({**border, "bold": True, "bg_color": "#0b4a7d", "font_color": "#ffffff"}),
            "id": book.add_format({**border, "font_color": "#7d8790", "num_format": "@"}),
            "text": book.add_format({**border, "text_wrap": True}),
            "marked": book.add_format({**border, "text_wrap": True, "font_color": "#a63603"}),
            "share": book.add_format({**border, "num_format": "0.##%", "bg_color": "#fffbe8"}),
            "answer": book.add_format({**border, "bg_color": "#fffbe8"}),
            "words": book.add_format({**border, "bg_color": "#fffbe8", "text_wrap": True, "num_format": "@"}),
        }
        sheet = book.add_worksheet(say("checklist.sheet", language))
        for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            style = styles["filled" if name in _FILLED_IN else "header"]
            sheet.write_string(0, column, say(f"checklist.{name}", language), style)
        for row, question in enumerate(asked, start=1):
            cells = _cells(question, types, districts, language) | told.get((question.rule.id, question.unit), {})
            folds = (
                math.ceil(cell_width(str(cells.get(name, ""))) / (width - 1))
                for name, width in zip(COLUMNS, _WIDTHS, strict=True)
            )
            sheet.set_row(row, _LINE_POINTS * max(1, *folds))
            for column, name in enumerate(COLUMNS):
                style = styles[_style(name, question.rule)]
                if isinstance(cells.get(name), float):
                    sheet.write_number(row, column, cells[name], style)
                elif cells.get(name):
                    sheet.write_string(row, column, cells[name], style)
                else:
                    sheet.write_blank(row, column, None, style)
            _offer(sheet, row, question.rule, language)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(len(asked), 1), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        _explain(book, language)
    return len({question.rule.id for question in asked}), len(asked), len(told)


def answers_said(standard: Standard, answers: Answers, language: Language) -> dict[tuple[str, int], dict[str, str]]:
    """Return every answer as people read it, with its unit, and who gave it when, by rule and unit."""
    rules = {rule.id: rule for rule in standard.rules}
    return {
        (name, unit): {
            key: _shown(rules[name], cell, language) if isinstance(cell, float) else cell for key, cell in cells.items()
        }
        for (name, unit), cells in _told(standard, answers, language).items()
    }


def _shown(rule: Rule, value: float, language: Language) -> str:
    """Write a figure somebody told; "" where the cell was left empty."""
    return shown_amount(value, rule, language) if math.isfinite(value) else ""


def _told(standard: Standard, answers: Answers, language: Language) -> dict[tuple[str, int], dict[str, str | float]]:
    """Return the cells of every answer by rule and unit, as a person would have filled them in."""
    every: dict[tuple[str, int], dict[str, str | float]] = {}
    for row, (number, unit, value) in enumerate(
        zip(answers.rule.tolist(), answers.unit.tolist(), answers.value.tolist(), strict=True)
    ):
        rule = standard.rules[number]
        exempt = answers.exempt is not None and bool(answers.exempt[row])
        every[rule.id, unit] = {"answer": _as_answered(rule, float(value), language, exempt=exempt)} | {
            name: "" if column is None else str(column[row])
            for name, column in (
                ("told_by", answers.told_by),
                ("told_on", answers.told_on),
                ("remark", answers.remark),
            )
        }
    return every


def _as_answered(rule: Rule, value: float, language: Language, *, exempt: bool) -> str | float:
    if exempt:
        return say("checklist.exempt", language)
    yes = rule.value if rule.metric == "checklist" and rule.value is not None else 1.0
    if rule.metric in IN_WORDS and value in {0.0, yes}:
        return say("checklist.yes" if value else "checklist.no", language)
    return value


def _cells(
    question: Question, types: dict[str, str], districts: Districts, language: Language
) -> dict[str, str | float]:
    rule, unit = question.rule, question.unit
    return {
        "rule": rule.id,
        "unit": "" if unit < 0 else str(districts.ids[unit]),
        "unit_name": say("checklist.whole", language) if unit < 0 else str(districts.names[unit]),
        "service": types.get(rule.service) or say_code("rule_service", rule.service, language),
        "clause": f"{rule.citation.document} {rule.citation.clause}{unverified_mark(rule)}",
        "quote": wording(rule.citation, language),
        "question": question_said(rule, language),
        "answer_unit": _answer_unit(rule, language),
    }


def question_said(rule: Rule, language: Language) -> str:
    """Ask what a rule asks, in plain words."""
    note = rule.note.said(language)
    stop = "" if not note or note[-1] in "。.！？?；;" else "。" if language == "zh" else "."
    if rule.metric in YES_OR_NO:
        if not note:
            key = "checklist.is_it_so_recalled" if rule.citation.recalled else "checklist.is_it_so"
            return say(key, language, quote=rule.citation.quote)
        return say("checklist.yes_question", language, note=note + stop)
    asked = asked_of(rule, float("nan") if rule.value is None else rule.value, language)
    return say("checklist.how_much", language, note=note + stop, asked=asked).strip()


def _answer_unit(rule: Rule, language: Language) -> str:
    if rule.metric in IN_WORDS:
        return say("checklist.yes_or_no", language)
    return "%" if rule.metric in SHARES else measured_in(rule, language)


def _style(name: str, rule: Rule) -> str:
    if name == "answer":
        return "share" if rule.metric in SHARES else "answer"
    if name in _FILLED_IN:
        return "words"
    if name in {"rule", "unit"}:
        return "id"
    return "marked" if name == "clause" and not rule.citation.verified else "text"


def _offer(sheet: Any, row: int, rule: Rule, language: Language) -> None:
    """Offer the answers there are; a figure is only warned of, for 不适用 may stand in its place."""
    column = COLUMNS.index("answer")
    if rule.metric in IN_WORDS:
        choices = [say(f"checklist.{choice}", language) for choice in ("yes", "no", "exempt")]
        said = say("checklist.choose", language)
        rules: dict[str, Any] = {"validate": "list", "source": choices, "error_type": "stop"}
    else:
        said = say("checklist.number", language)
        highest = {"criteria": "between", "minimum": 0, "maximum": 1}
        rules = {"validate": "decimal", "error_type": "warning"}
        rules |= highest if rule.metric in SHARES else {"criteria": ">=", "value": 0}
    sheet.data_validation(row, column, row, column, {**rules, "input_message": said, "error_message": said})


def _explain(book: Any, language: Language) -> None:
    sheet = book.add_worksheet(say("checklist.how", language))
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 100, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, text in enumerate(_lines(language)):
        sheet.write_string(row, 0, text)


def _lines(language: Language) -> Iterator[str]:
    for key in _HOW:
        yield say(f"checklist.{key}", language)
