"""Geometry and coordinate systems."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "no_crs": FaultKind(
        "fault",
        "没有坐标系",
        "it has no coordinate reference system",
        "请补充 .prj，或在研究配置中写明 crs（例如 EPSG:4326）",
        "Add the .prj, or state `crs` in the study file (for example EPSG:4326)",
    ),
    "offset_crs": FaultKind(
        "fault",
        "“{value}”是加偏坐标，本版本不能换算",
        "“{value}” is an offset coordinate system, which this version cannot convert",
        "请先换算为 WGS-84 或 CGCS2000 再写 crs；直接写成 EPSG:4326 会使全部地点偏移数百米至一公里",
        "Convert to WGS-84 or CGCS2000 first; calling it EPSG:4326 would shift every place by hundreds of metres",
    ),
    "unknown_crs": FaultKind(
        "fault",
        "无法识别坐标系“{value}”",
        "“{value}” is not a known coordinate reference system",
        "请写成 EPSG 代码，例如 EPSG:4326",
        "Write it as an EPSG code, for example EPSG:4326",
    ),
    "crs_conflict": FaultKind(
        "fault",
        "文件自带的坐标系是 {own}，研究配置却写作“{value}”",
        "the file says its coordinate reference system is {own}, the study file says “{value}”",
        "请删除配置中的 crs；如文件有误，请在原软件中重新定义投影",
        "Leave out `crs`; if the file is wrong, define its projection anew in its program",
    ),
    "geographic_crs": FaultKind(
        "fault",
        "研究坐标系“{value}”以度为单位，无法量算步行距离",
        "the study's coordinate reference system “{value}” is in degrees; walking distances need metres",
        "请改用以米为单位的投影坐标系，或删除 crs 由系统按 UTM 分带自动选择",
        "Name a projected one in metres, or leave `crs` out and the UTM zone is chosen",
    ),
    "not_metres": FaultKind(
        "fault",
        "研究坐标系“{value}”的单位不是米",
        "the study's coordinate reference system “{value}” is not in metres",
        "请改用以米为单位的投影坐标系",
        "Name a projected one in metres",
    ),
    "distorting_crs": FaultKind(
        "fault",
        "坐标系“{value}”在研究区内使长度变形 {share:.1%}",
        "“{value}” distorts lengths by {share:.1%} in the study area",
        "请改用当地的高斯-克吕格或 UTM 投影，或删除 crs 由系统按 UTM 分带自动选择",
        "Name a projection made for this place, or leave `crs` out and the UTM zone is chosen",
    ),
    "empty_geometry": FaultKind(
        "fault",
        "没有几何图形或坐标",
        "it has no geometry or coordinates",
        "请补充位置，或删除该行",
        "Give it a place, or delete the row",
    ),
    "bad_coordinate": FaultKind(
        "fault",
        "坐标不是有效数值",
        "the coordinate is not a finite number",
        "请填写十进制度或米，不带单位和文字",
        "Write decimal degrees or metres, without units or words",
    ),
    "coordinate_range": FaultKind(
        "fault",
        "坐标超出经纬度范围",
        "the coordinate is outside the range of longitude and latitude",
        "请检查是否经纬度颠倒，或坐标实际以米为单位（请写明 crs）",
        "See whether longitude and latitude are swapped, or the values are metres (then state `crs`)",
    ),
    "wrong_geometry": FaultKind(
        "fault",
        "几何类型为 {value}，此处需要{needed_zh}",
        "the geometry is {value}; {needed_en} are needed here",
        "请核对图层是否选错",
        "Check that the right layer was chosen",
    ),
    "repaired_geometry": FaultKind(
        "warning",
        "{count} 个多边形存在自相交等错误，已自动修复（第 {rows} 行）",
        "{count} polygons were invalid, for example crossing themselves, and were repaired (rows {rows})",
        "请在原软件中检查这些图形",
        "Look at them in their program",
    ),
    "outside_study": FaultKind(
        "warning",
        "{count} 处{layer_zh}距最近的步行道路超过 {metres:.0f} 米，未接入路网（{examples}）",
        "{count} of the {layer_en} lie more than {metres:.0f} m from any walkable street and are not joined ({examples})",
        "未接入的住宅仍在总数内、按未覆盖计，未接入的设施和候选点不参与计算；请检查坐标，或提高 join_cap_metres，或补充路网",
        "Homes not joined stay in the totals as not covered, facilities and candidates take no part; check their coordinates, raise `join_cap_metres`, or complete the street network",
    ),
    "all_outside_study": FaultKind(
        "fault",
        "全部 {count} 处{layer_zh}距步行道路均超过 {metres:.0f} 米",
        "all {count} {layer_en} lie more than {metres:.0f} m from any walkable street",
        "坐标系很可能有误，请核对 crs",
        "The coordinate reference system is most likely wrong; check `crs`",
    ),
}
