"""Cells of tables."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "missing_value": FaultKind(
        "fault",
        "必填的单元格为空",
        "a cell that is needed is empty",
        "请补充，或删除该行",
        "Fill it in, or delete the row",
    ),
    "not_a_number": FaultKind(
        "fault",
        "不是数值",
        "it is not a number",
        "请填写数字，不带单位；未知请留空",
        "Write digits without a unit; leave unknown values empty",
    ),
    "negative_number": FaultKind(
        "fault",
        "不能为负数",
        "it must not be negative",
        "请更正；未知请留空",
        "Correct it; leave unknown values empty",
    ),
    "duplicate_id": FaultKind(
        "fault",
        "编号重复（首次出现在第 {first} 行）",
        "the id appears twice (first in row {first})",
        "请使每个编号唯一",
        "Make every id unique",
    ),
    "not_yes_or_no": FaultKind(
        "fault",
        "“{value}”既不是“是”也不是“否”",
        "“{value}” is neither yes nor no",
        "请填写“是”或“否”，留空按“否”处理",
        "Write yes or no; an empty cell means no",
    ),
    "unknown_passage": FaultKind(
        "fault",
        "“{value}”不能说明何人可以通行",
        "“{value}” does not say who may pass",
        "请填写“所有人”、“居民”或“不开放”，留空按“所有人”处理",
        "Write everyone, residents or nobody; an empty cell means everyone",
    ),
    "bad_hours": FaultKind(
        "fault",
        "“{value}”不是开放时间",
        "“{value}” are not opening hours",
        "请按“06:00-22:00”的格式填写，全天开放的留空",
        "Write them like 06:00-22:00; leave the cell empty for a gate that never closes",
    ),
    "more_faults": FaultKind(
        "fault",
        "同类问题另有 {count} 处（至第 {last} 行），不再逐一列出：{problem_zh}",
        "there are {count} more like these, up to row {last}, which are not listed one by one: {problem_en}",
        "请先更正已列出的 {shown} 处，或整列一并更正，再重新检查",
        "Correct the {shown} that are listed, or the whole column at once, and check again",
    ),
    "more_warnings": FaultKind(
        "warning",
        "同类提示另有 {count} 处（至第 {last} 行），不再逐一列出：{problem_zh}",
        "there are {count} more like these, up to row {last}, which are not listed one by one: {problem_en}",
        "请先核对已列出的 {shown} 处",
        "Look at the {shown} that are listed first",
    ),
}
