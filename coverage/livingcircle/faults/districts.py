"""Districts."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "overlapping_districts": FaultKind(
        "warning",
        "{count} 对分区相互重叠，共 {hectares:.1f} 公顷（{examples}）",
        "{count} pairs of districts overlap, {hectares:.1f} ha in all ({examples})",
        "重叠处的住宅只计入排在前面的分区；请修正界线",
        "Homes there count in the first district only; correct the boundaries",
    ),
    "homes_without_district": FaultKind(
        "warning",
        "{count} 处住宅不在任何分区内，只计入总数",
        "{count} homes lie in no district and count in the total only",
        "请检查分区图层的范围",
        "Check the extent of the district layer",
    ),
}
