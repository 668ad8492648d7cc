"""The edge of the data."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "edge_effect": FaultKind(
        "warning",
        "{share:.0%} 的居民步行 {minutes:.3g} 分钟以内即到路网资料的边缘{how_zh}，资料以外的设施未计入，其覆盖率是下限；逐项的待定居民数见覆盖率表",
        "{share:.0%} of residents can walk to where the street data end{how_en} within {minutes:.3g} minutes; facilities beyond are unseen, so their coverage is a lower bound; the table of coverage counts the residents this leaves uncertain",
        "请使用比研究区外扩 {metres:.0f} 米以上的路网和设施",
        "Use a network and facilities that reach {metres:.0f} m beyond the study area",
    ),
    "short_margin": FaultKind(
        "warning",
        "路网应比研究区外扩 {needed:.0f} 米，实际最近处仅 {reached:.0f} 米；研究区边界有 {share:.0%} 的长度外扩不足",
        "streets should reach {needed:.0f} m beyond the study area; at the worst place they end after {reached:.0f} m, and along {share:.0%} of its outline they are too short",
        "请重新裁剪更大范围的路网和设施；若该处为海岸、大河或国界，请在研究文件中写明自然边界（edge.natural_border）",
        "Cut streets and facilities from a larger area; where they end at a coast, a wide river or a state border, name it under `edge.natural_border`",
    ),
    "clipped_network": FaultKind(
        "fault",
        "路网应比研究区外扩 {needed:.0f} 米，实际最近处仅 {reached:.0f} 米；研究区边界有 {share:.0%} 的长度外扩不足",
        "streets should reach {needed:.0f} m beyond the study area; at the worst place they end after {reached:.0f} m, and along {share:.0%} of its outline they are too short",
        "请重新裁剪更大范围的路网和设施；若该处为海岸、大河或国界，请在研究文件中写明自然边界（edge.natural_border）；如仍要计算，请将 edge.when_short 设为 warn",
        "Cut streets and facilities from a larger area; where they end at a coast, a wide river or a state border, name it under `edge.natural_border`; set `edge.when_short: warn` to compute all the same",
    ),
    "facilities_stop_at_boundary": FaultKind(
        "warning",
        "研究区外 {metres:.0f} 米以内有路网，却没有一处{services_zh}：设施名录可能只到边界为止",
        "streets go on beyond the study area, but within {metres:.0f} m there is not one {services_en}: the lists may stop at the boundary",
        "请补充边界以外的设施，否则边界附近的覆盖率偏低",
        "Add the facilities beyond it; without them coverage near the boundary is too low",
    ),
    "homes_outside_boundary": FaultKind(
        "warning",
        "{count} 处住宅（居民 {residents:.0f} 人）在研究区边界以外，仍计入总数",
        "{count:|home|homes} ({residents:.0f|resident|residents}) {count:?lies|lie} outside the study area and {count:?counts|count} all the same",
        "如不应计入，请从住宅图层中删除",
        "Take them out of the layer of homes if they should not",
    ),
}
