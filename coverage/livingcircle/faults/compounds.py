"""Walled compounds and their gates."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "unknown_compound": FaultKind(
        "fault",
        "没有编号为“{value}”的小区",
        "no compound has the id “{value}”",
        "请填写小区图层中的编号；留空则归属围墙最近处的小区",
        "Write an id of the layer of compounds; a gate without one belongs to the compounds whose wall is there",
    ),
    "street_through_gate": FaultKind(
        "fault",
        "该大门有道路通过，不能作为围墙上的大门单独封闭",
        "a street leads through this gate, so walling it up alone would shut nobody out",
        "请封闭通过大门的道路",
        "Close the street that leads through it",
    ),
    "gates_unknown": FaultKind(
        "warning",
        "{total} 个小区中有 {count} 个出入口不详：{assumption_zh}",
        "of {total:|walled compound|walled compounds} {count} {count:?has|have} no known gate: {assumption_en}",
        "请补充小区出入口图层（compounds.gates），以缩小上下限之差",
        "List their gates (compounds.gates) to narrow the range",
    ),
    "gates_shut": FaultKind(
        "warning",
        "{count} 个小区的已知出入口在 {time} 均不可通行，按各有一处出入口计算（{examples}）",
        "all known gates of {count:|compound|compounds} are shut at {time}; one gate each was assumed ({examples})",
        "请核对出入口的开放时间和通行对象",
        "Check hours and users of their gates",
    ),
    "gates_nowhere": FaultKind(
        "warning",
        "{count} 处出入口不在小区边界附近（未注明小区的超过 {metres:.0f} 米，已注明的超过 {named_metres:.0f} 米），未采用",
        "{count:|gate is|gates are} not near a compound (within {metres:.0f} m, or {named_metres:.0f} m of the one {count:?it names|they name}) and {count:?was|were} left out",
        "请核对坐标及所属小区编号",
        "Check their coordinates and the compound they name",
    ),
    "gate_hours_unread": FaultKind(
        "warning",
        "{count} 处出入口的开放时间无法识别，按全天开放计算",
        "the opening hours of {count:|gate|gates} could not be read; {count:?it counts|they count} as always open",
        "如需考虑开放时间，请用出入口图层按“06:00-22:00”的格式填写",
        "Where hours matter, list the gates in a layer with hours like 06:00-22:00",
    ),
}
