"""Cells of tables."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "missing_value": FaultKind(
        "fault",
        "必填的内容缺失（空格，或“暂无资料”之类）",
        "what is needed here is missing: an empty cell, or words that mean unknown",
        "请补充，或删除该行",
        "Fill it in, or delete the row",
    ),
    "not_a_number": FaultKind(
        "fault",
        "“{value}”不是该列所需的数值",
        "“{value}” is not a number such as this column needs",
        "请填写一个数字，可带单位或“约”（如 350平米、1.2万㎡、约3000户）；未知请留空",
        "Write one number, with a unit if need be (350 m², 1.2万㎡, 约3000户); leave unknown values empty",
    ),
    "number_range": FaultKind(
        "fault",
        "“{value}”是范围，不是一个数值",
        "“{value}” is a range, not one number",
        "请改为一个确定的数；取上限、下限还是中间值由填表单位决定，系统不代为选择",
        "Write one number; whether the lower, the upper or the middle one is for who keeps the table to say",
    ),
    "formula_error": FaultKind(
        "fault",
        "单元格是公式错误 {value}",
        "the cell holds the formula error {value}",
        "请在表格软件中改正公式，或改填数值",
        "Correct the formula in its program, or write the value",
    ),
    "unknown_unit": FaultKind(
        "fault",
        "表头中的单位“{value}”不能换算为 {unit}",
        "the unit “{value}” in the header cannot be converted to {unit}",
        "请核对是否选错了列；或把单位改为平方米、万平方米、公顷、亩、户、万户、人、万人、万元、元之一",
        "See whether this is the right column, or write m², 万㎡, ha, 亩, 户, 人, 万人, 万元 or 元",
    ),
    "header_unit": FaultKind(
        "note",
        "表头写明单位“{value}”，数值按 1 {value} = {factor:,.7g} {unit} 换算",
        "the header says “{value}”; numbers are converted at {factor:,.7g} {unit} each",
        "如有误，请改正表头中的单位",
        "Where that is wrong, correct the unit in the header",
    ),
    "units_read": FaultKind(
        "note",
        "{count} 个单元格的数值带有单位或“万”等字样，已换算（{examples}）",
        "{count:|cell holds|cells hold} numbers with units or words, which were converted ({examples})",
        "请核对换算结果",
        "See that they were understood as they were meant",
    ),
    "approximate_numbers": FaultKind(
        "warning",
        "{count} 个单元格是约数，已按所写数字使用（第 {rows} 行；{examples}）",
        "{count:|cell is|cells are} only about right and {count:?is used as it stands|are used as they stand} ({count:?row|rows} {rows}; {examples})",
        "有确切数字时请替换",
        "Replace them where exact numbers are known",
    ),
    "empty_words": FaultKind(
        "note",
        "{count} 个单元格写作“暂无资料”之类，按未知处理（{words}）",
        "{count:|cell says|cells say} that nothing is known and {count:?counts|count} as empty ({words})",
        "其中若有应为 0 的，请填写 0",
        "Write 0 where one of them means none",
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
