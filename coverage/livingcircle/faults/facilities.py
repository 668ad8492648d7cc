"""Facilities and the services they offer."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "unknown_facility": FaultKind(
        "fault",
        "没有编号为“{value}”的设施",
        "no facility has the id “{value}”",
        "编号见成果的设施表（facilities），相近的有：{nearest}",
        "Ids are those of the table of facilities; like this one: {nearest}",
    ),
    "facility_without_service": FaultKind(
        "fault",
        "设施“{value}”不提供{service_zh}",
        "facility “{value}” does not offer: {service_en}",
        "它提供：{offered_zh}",
        "It offers: {offered_en}",
    ),
    "unknown_service": FaultKind(
        "fault",
        "未知的服务类型“{value}”",
        "“{value}” is not a known service type",
        "最接近的是：{nearest}。全部类型：{known}",
        "The nearest are: {nearest}. All types: {known}",
    ),
    "merged_duplicates": FaultKind(
        "warning",
        "{count} 处设施在 OSM 中重复标注，已与同一设施合并",
        "{count} facilities are mapped more than once in OSM and were merged",
        "如属不同设施，请在 OSM 中以不同名称标注",
        "Where they differ in truth, give them different names in OSM",
    ),
}
