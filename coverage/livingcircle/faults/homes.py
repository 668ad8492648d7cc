"""Homes and the people in them."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "no_homes": FaultKind(
        "fault",
        "没有找到住宅建筑",
        "no residential building was found",
        "请检查 residential_buildings，或改用住宅图层",
        "Check `residential_buildings`, or give a layer of homes",
    ),
    "no_people": FaultKind(
        "fault",
        "住宅没有户数也没有人口",
        "the homes carry neither households nor residents",
        "请在 columns 中指定 households 或 residents 列",
        "Name a column for households or residents under `columns`",
    ),
    "population_elsewhere": FaultKind(
        "fault",
        "没有一处住宅落在有人口的格网内",
        "no home lies in a population cell with residents",
        "请核对人口格网的范围和坐标系",
        "Check the extent and the coordinate reference system of the population cells",
    ),
    "residents_estimated": FaultKind(
        "warning",
        "居民数为估算：建筑面积 ÷ 每人 {floor_m2_per_resident:g} 平方米；{share:.0%} 的建筑缺少层数，按 {default_levels:g} 层计",
        "residents are an estimate: floor area ÷ {floor_m2_per_resident:g} m² per resident; {share:.0%} of buildings lack levels and count as {default_levels:g}",
        "请勿用作正式人口数",
        "Do not quote them as a census",
    ),
    "residents_spread": FaultKind(
        "warning",
        "人口由 {cells} 个人口格网{basis_zh}分摊；{unplaced:.0f} 人所在格网内没有住宅，未能落位；另有 {outside:.0f} 人在住宅范围之外，不计入",
        "residents are spread from {cells} population cells {basis_en}; {unplaced:.0f} people live in cells without a home and could not be placed; {outside:.0f} more live beyond the homes' extent and are left out",
        "请核对住宅图层是否完整",
        "Check that the layer of homes is complete",
    ),
    "residents_from_households": FaultKind(
        "warning",
        "{count} 处住宅的居民数为估算：户数 × 每户 {residents_per_household:g} 人",
        "the residents of {count} homes are an estimate: households × {residents_per_household:g}",
        "请勿用作正式人口数",
        "Do not quote them as a census",
    ),
    "households_estimated": FaultKind(
        "warning",
        "户数为估算：每户 {residents_per_household:g} 人",
        "households are an estimate: {residents_per_household:g} residents each",
        "请勿用作正式户数",
        "Do not quote them as a register",
    ),
    "unknown_home": FaultKind(
        "fault",
        "没有编号为“{value}”的住宅",
        "no home has the id “{value}”",
        "编号见成果的住宅表（homes），相近的有：{nearest}",
        "Ids are those of the table of homes; like this one: {nearest}",
    ),
}
