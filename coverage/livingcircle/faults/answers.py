"""Answers of people: the checklist and registers."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "answers_without_columns": FaultKind(
        "fault",
        "没有条文编号列或答复列；现有列：{columns}",
        "there is no column of rule ids or none of answers; columns: {columns}",
        "请用 living-circle checklist 生成核查表，保留其表头",
        "Write a sheet with living-circle checklist and keep its headers",
    ),
    "unknown_rule": FaultKind(
        "fault",
        "没有编号为“{value}”的条文；相近：{nearest}",
        "no rule has the id “{value}”; near: {nearest}",
        "请照核查表原样填写条文编号，或删除该行",
        "Write the id as the checklist has it, or remove the row",
    ),
    "rules_of_other_standards": FaultKind(
        "warning",
        "{count} 行答复属于其他标准的条文（{examples}），本次未用",
        "{count:|answer is|answers are} to rules of other standards ({examples}) and {count:?was|were} not used",
        "如需使用，请改用包含这些条文的标准",
        "Choose a standard that holds these rules to use them",
    ),
    "unknown_answer_unit": FaultKind(
        "fault",
        "没有编号为“{value}”的分区；相近：{nearest}",
        "no district has the id “{value}”; near: {nearest}",
        "请照核查表原样填写分区编号；对全域的答复留空",
        "Write the id as the checklist has it; leave it empty for the whole study",
    ),
    "answer_not_understood": FaultKind(
        "fault",
        "答复“{value}”无法理解；应填：{expected_zh}",
        "the answer “{value}” is not understood; expected: {expected_en}",
        "请改写答复；未知的留空",
        "Write the answer differently; leave it empty if unknown",
    ),
    "answer_share_above_one": FaultKind(
        "fault",
        "比例“{value}”超过 100%",
        "the share “{value}” is above 100 %",
        "百分数请写作 85% 或 0.85",
        "Write 85% or 0.85",
    ),
    "answer_negative": FaultKind(
        "fault",
        "答复“{value}”为负数",
        "the answer “{value}” is negative",
        "请核对后改正",
        "Check and correct it",
    ),
    "answer_repeated": FaultKind(
        "fault",
        "条文“{value}”对同一单元已在第{first}行答复",
        "rule “{value}” was already answered for that unit in row {first}",
        "同一条文对同一单元只留一行",
        "Keep one row for a rule and unit",
    ),
    "answers_read": FaultKind(
        "note",
        "读入答复 {count} 项，其中不适用 {exempt} 项；另有 {empty} 行未答",
        "{count:|answer was|answers were} read, {exempt} of them “not applicable”; {empty} rows are still empty",
        "未答的条文判定为数据不足",
        "Rules without an answer have no data",
    ),
}
