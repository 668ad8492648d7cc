"""Rules of standards."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "unknown_metric": FaultKind(
        "fault",
        "没有名为“{value}”的指标",
        "there is no metric called “{value}”",
        "最接近的是：{nearest}。全部指标：{known}",
        "The nearest are: {nearest}. All metrics: {known}",
    ),
    "incomplete_rule": FaultKind(
        "fault",
        "条文“{value}”缺少：{missing}",
        "rule “{value}” lacks: {missing}",
        "请补充；若要改动上级标准的条文，请核对编号，最接近的是：{nearest}",
        "Add them; to change a rule of the standard this one extends, check the id. The nearest are: {nearest}",
    ),
    "unknown_rule": FaultKind(
        "fault",
        "上级标准没有编号为“{value}”的条文",
        "the standard this one extends has no rule “{value}”",
        "最接近的是：{nearest}",
        "The nearest are: {nearest}",
    ),
    "contradicting_rules": FaultKind(
        "fault",
        "与条文“{other}”矛盾：{service} 的 {metric} 不可能同时 {asked} 和 {other_asked}",
        "it contradicts rule “{other}”: {metric} of {service} cannot be {asked} and {other_asked}",
        "请更正数值，或在 drop 中去掉其中一条",
        "Correct a value, or leave one of them out by `drop`",
    ),
    "standard_cycle": FaultKind(
        "fault",
        "标准互相引用，没有起点：{chain}",
        "standards extend each other in a circle: {chain}",
        "请去掉其中一个 extends",
        "Take out one of the `extends`",
    ),
}
