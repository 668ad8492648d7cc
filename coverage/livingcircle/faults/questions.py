"""Questions a study cannot answer."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "bad_limit": FaultKind(
        "fault",
        "步行时限须为不小于 0 的数值",
        "the limit of a walk must be a number of at least 0",
        "请更正时限（秒）",
        "Correct the limit, in seconds",
    ),
    "no_facility": FaultKind(
        "warning",
        "资料中没有以下 {count} 类设施：{services_zh}",
        "the input holds no facility of {count:|kind|kinds}: {services_en}",
        "这些服务判为“数据不足”，并非“不达标”；请补充设施名录，或换用只含所需服务的标准",
        "They are reported as insufficient data, not as unmet; add facility lists, or use a standard with the services you need",
    ),
    "site_unjoined": FaultKind(
        "fault",
        "“{value}”在 {metres:.0f} 米内没有可步行的道路",
        "there is no street to walk on within {metres:.0f} m of “{value}”",
        "请移到道路附近，或先新增一条通向它的步行道",
        "Move it near a street, or open a path to it first",
    ),
    "no_limit": FaultKind(
        "fault",
        "标准没有规定“{value}”的步行时限",
        "the standard gives no walking limit for “{value}”",
        "请在该项选址任务中写明 limit_minutes",
        "State `limit_minutes` in this siting task",
    ),
    "unknown_age_group": FaultKind(
        "fault",
        "住宅资料中没有年龄组“{value}”；已有：{known}",
        "the homes know no age group “{value}”; they know: {known}",
        "请改用已有的年龄组，或在 homes 的 age_columns 中写明该组所在的列",
        "Name one of those, or say in `age_columns` of the homes which column holds it",
    ),
    "no_candidate": FaultKind(
        "fault",
        "没有任何候选点在 {minutes:g} 分钟步行范围内有住宅（{service_zh}）",
        "no candidate has any home within a {minutes:g}-minute walk ({service_en})",
        "请补充候选点或放宽时限",
        "Add candidates, or allow a longer walk",
    ),
    "too_many_sites": FaultKind(
        "fault",
        "要求选 {sites} 处，但只有 {candidates} 个候选点",
        "the number of sites asked for is {sites}, but that of candidates only {candidates}",
        "请减少 sites 或补充候选点",
        "Ask for fewer sites, or add candidates",
    ),
}
