"""Streets and heights."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "no_network": FaultKind(
        "fault",
        "没有可步行的道路",
        "it holds no street that may be walked",
        "请核对范围，并确认要素带有 highway 标签",
        "Check the extent and that its ways carry highway tags",
    ),
    "bad_length": FaultKind(
        "fault",
        "路网含有无效的坐标或长度",
        "the street network holds a coordinate or length that is not a finite number, or is negative",
        "请在原软件中检查并修复路网图层",
        "Check and repair the street layer in its program",
    ),
    "endless_street": FaultKind(
        "fault",
        "有道路（或走到道路的一段）步行一天也走不完",
        "a street, or the way to one, takes longer than a day to walk",
        "请核对路网的长度单位、坐标系和步行速度",
        "Check the unit of its lengths, its CRS and the walking speed",
    ),
    "street_meets_nothing": FaultKind(
        "fault",
        "新增道路的两端在 {metres:.0f} 米内均无现状道路",
        "neither end of the new street lies within {metres:.0f} m of a street",
        "请将至少一端画到现状道路上",
        "Draw at least one end onto a street",
    ),
    "islands_pruned": FaultKind(
        "warning",
        "路网中有 {count} 处孤立路段（共 {kilometres:.1f} 公里）与主网不连通，已剔除",
        "{count:|island|islands} of the street network ({kilometres:.1f} km) {count:?is|are} cut off from the rest and {count:?was|were} pruned",
        "附近地点已改接到主网；如实际连通请补充路网",
        "Places near them join the main network; complete the network where they are in truth connected",
    ),
    "streets_dropped": FaultKind(
        "warning",
        "{count} 段道路（共 {kilometres:.1f} 公里）标为禁止步行，未计入",
        "{count:|street piece|street pieces} ({kilometres:.1f} km) {count:?is|are} closed to walkers and {count:?was|were} left out",
        "如居民可通行，请在 OSM 中更正 foot/access 标签",
        "Where residents may pass, correct the foot/access tags in OSM",
    ),
    "private_streets": FaultKind(
        "warning",
        "{count} 段道路（共 {kilometres:.1f} 公里）标为私有：只作步行的起点或终点，不得穿行",
        "{count:|street|streets} ({kilometres:.1f} km) {count:?is|are} private: walks begin and end there, and none leads through",
        "如公众可以穿行，请在 OSM 中更正 foot/access 标签",
        "Where the public may pass through, correct the foot/access tags in OSM",
    ),
    "network_incomplete": FaultKind(
        "warning",
        "{says_zh}",
        "{says_en}",
        "请补绘小区内道路、步行道及其连接（OSM 或自有道路图层）后重新计算；在此之前引用结果时请注明路网完整性",
        "Add the missing paths and their links (in OpenStreetMap or your own street layer) and compute again; until then quote the grade beside every figure",
    ),
    "districts_incomplete": FaultKind(
        "warning",
        "{count} 个分区的路网完整性为差（D）：{examples}",
        "the street network of {count:|district|districts} is graded poor (D) for completeness: {examples}",
        "各分区指标见“路网完整性”表；请先补绘这些分区的道路，再比较分区之间的结果",
        "The table of network completeness has the measures of each; complete the streets there before comparing districts",
    ),
    "lines_joined": FaultKind(
        "note",
        "{count} 条道路线按{how_zh}相接；端点相距不超过 {metres:g} 米而接上的 {moved:.0f} 处，端点落在他线中间而接上的 {on_lines:.0f} 处，重复绘制而只计一次的 {twice:.0f} 条；仅在图上相交的线不相接",
        "{count:|street line meets|street lines meet} by {how_en}; {moved:.0f} pairs of ends within {metres:g} m of each other were joined, {on_lines:.0f} ends to a line they lie on, {twice:.0f} lines drawn twice count once; lines that only cross on the map do not meet",
        "端点未画准而断开的，可调大 network.snap_metres",
        "Where ends are drawn less exactly, raise network.snap_metres",
    ),
    "inner_points_shared": FaultKind(
        "note",
        "有 {count} 处两条或多条线共用中间点，按不相接处理（可能是立交）",
        "at {count:|place|places} lines share an inner point and do not meet there: they may be bridges",
        "如图层由 OSM 导出、共用点即路口，请设 network.joined_at: inner_points",
        "Where the layer comes from OpenStreetMap, whose ways meet at such points, set network.joined_at: inner_points",
    ),
    "node_numbers_ignored": FaultKind(
        "note",
        "列 {columns} 不像节点编号（有空缺，或同一编号的端点不在一处），改按端点位置相接",
        "columns {columns} are no numbers of nodes (some are missing, or ends of one number lie apart), so lines meet where their ends are drawn",
        "如确为节点编号，请补全并核对几何",
        "Where they are, complete them and check the geometry",
    ),
    "no_street_classes": FaultKind(
        "warning",
        "没有道路等级列（highway），所有道路均按可步行计，可能包含高速公路",
        "it has no column of street classes (highway), so every line counts as walkable, motorways among them if there are any",
        "请在 network.columns 中写明道路等级列：{{highway: 列名}}",
        "Name the column of classes in network.columns: {{highway: its name}}",
    ),
    "unknown_street_class": FaultKind(
        "note",
        "{count} 条道路的等级不详，按可步行计：{examples}",
        "the class of {count:|street|streets} is not known, and {count:?it counts|they count} as walkable: {examples}",
        "请改用 OSM 的 highway 值，或快速路、主干路、次干路、支路等名称",
        "Use values of highway as in OpenStreetMap, or the names of Chinese standards",
    ),
    "trunk_roads_unjudged": FaultKind(
        "warning",
        "{count} 条快速路（trunk）按不可步行计：图层没有人行道列（sidewalk、foot），无法得知其旁有无人行道",
        "{count:|trunk road counts|trunk roads count} as closed to walkers: the layer has no column (sidewalk, foot) that tells whether {count:?it has|they have} a pavement",
        "如有人行道，请在图层中增加 sidewalk 列并填 both、left 或 right",
        "Where they have one, add a column sidewalk that says both, left or right",
    ),
    "broken_ways": FaultKind(
        "warning",
        "{count} 处道路节点在裁剪范围之外，相应路段已截断",
        "{count:|street node lies|street nodes lie} outside the clipped extract; {count:?its way ends|their ways end} there",
        "请用比研究区大 1.5 公里以上的范围重新裁剪",
        "Cut the extract at least 1.5 km larger than the study area",
    ),
    "elevation_elsewhere": FaultKind(
        "fault",
        "高程数据在所有道路处均无数值",
        "it holds no height under any street",
        "请核对高程数据的范围和坐标系",
        "Check the extent and the coordinate reference system of the elevation",
    ),
    "elevation_unit": FaultKind(
        "fault",
        "高程单位为“{value}”，此处需要米",
        "its heights are in “{value}”; metres are needed here",
        "请换算成米后重新导出",
        "Convert them to metres and export them again",
    ),
    "archive_rasters": FaultKind(
        "fault",
        "压缩包内有 {count} 个高程栅格，此处只能有一个",
        "the archive holds {count:|elevation raster|elevation rasters}; one is needed here",
        "请解压后指定其中一个，多幅请先合并为 .vrt",
        "Unpack it and name one of them; join several into a .vrt first",
    ),
    "elevation_gaps": FaultKind(
        "warning",
        "{share:.1%} 的道路（按长度计）没有高程，按平路计算",
        "{share:.1%} of the streets (by length) have no height and count as level",
        "请换用覆盖全部路网的高程数据",
        "Use elevation that covers all of the network",
    ),
}
