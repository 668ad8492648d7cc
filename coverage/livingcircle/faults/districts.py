"""Districts: their codes and levels, their shapes, the homes in them, and population tables."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

_CODES: Mapping[str, FaultKind] = {
    "code_rounded": FaultKind(
        "fault",
        "区划代码已被表格软件舍入为“{value}”，末几位丢失",
        "a spreadsheet has rounded the division code to “{value}”; its last digits are lost",
        "请从原始资料重新导出，导出前将该列设为文本",
        "Export it again from the original, with the column set to text",
    ),
    "code_malformed": FaultKind(
        "warning",
        "“{value}”不符合区划代码结构（2、4、6、9 或 12 位数字）",
        "“{value}” has not the structure of a division code (2, 4, 6, 9 or 12 digits)",
        "请核对代码；该分区的层级与隶属关系改由其他资料判断",
        "Check the code; level and larger district are taken from elsewhere",
    ),
    "code_of_no_province": FaultKind(
        "warning",
        "代码“{value}”的前两位不是任何省级代码",
        "the first two digits of “{value}” are the code of no province",
        "请按 GB/T 2260 核对代码",
        "Check the code against GB/T 2260",
    ),
    "codes_understood": FaultKind(
        "note",
        "{count} 个区划代码按去掉补零、空格等后的写法理解（{examples}）",
        "{count:|division code was|division codes were} understood without fillings, blanks and the like ({examples})",
        "如有不符，请改写代码",
        "Write the codes differently if that is wrong",
    ),
    "levels_from_codes": FaultKind(
        "note",
        "分区层级由代码位数得出：{levels_zh}",
        "levels of districts were taken from the length of their codes: {levels_en}",
        "如有不符，请在 districts 中写明 level 或 columns.level",
        "State level or columns.level under districts if that is wrong",
    ),
    "level_unknown": FaultKind(
        "fault",
        "“{value}”不是分区层级",
        "“{value}” is no level of districts",
        "请写以下之一：{known}",
        "Write one of {known}",
    ),
    "level_needed": FaultKind(
        "fault",
        "不知道该图层各分区属于哪一级",
        "the level of these districts is not known",
        "几个图层并用或写有上级分区时，请写明 level 或 columns.level",
        "State level or columns.level where there are several layers or larger districts are named",
    ),
    "level_contradicts_code": FaultKind(
        "warning",
        "{count} 个分区所写层级与代码位数不符（{examples}），以所写层级为准",
        "the stated level of {count:|district|districts} contradicts the length of {count:?its code|their codes} ({examples}); the stated one counts",
        "请核对层级或代码",
        "Check levels or codes",
    ),
}

_NESTING: Mapping[str, FaultKind] = {
    "district_in_two_layers": FaultKind(
        "fault",
        "分区编号“{value}”在 {other} 中已出现",
        "the district id “{value}” is in {other}, too",
        "各层级分区的编号不得相同",
        "Ids of districts must differ across all levels",
    ),
    "parent_unknown": FaultKind(
        "warning",
        "上级分区“{value}”不在分区图层中",
        "the larger district “{value}” is in no district layer",
        "请核对该列；此处改按代码或位置判断",
        "Check the column; code or place decide here instead",
    ),
    "parent_not_larger": FaultKind(
        "fault",
        "上级分区“{value}”的层级不高于本分区",
        "the larger district “{value}” is of no higher level",
        "请核对层级与上级分区",
        "Check levels and larger districts",
    ),
    "parent_contradicts_code": FaultKind(
        "warning",
        "{count} 个分区所写上级与代码不符（{examples}），以所写上级为准",
        "the stated larger district of {count:|district|districts} contradicts {count:?its code|their codes} ({examples}); the stated one counts",
        "请核对上级分区或代码",
        "Check larger districts or codes",
    ),
    "parents_by_place": FaultKind(
        "note",
        "{count} 个分区的上级按位置判断（{examples}）",
        "the larger district of {count:|district|districts} was found by place ({examples})",
        "如有不符，请写明 columns.parent 或统一代码",
        "State columns.parent or use division codes if that is wrong",
    ),
    "district_without_parent": FaultKind(
        "warning",
        "{count} 个分区找不到上级分区（{examples}），不计入任何上级分区",
        "{count:|district is|districts are} part of no larger one ({examples}) and {count:?counts|count} in none",
        "请补充上级分区图层，或核对代码",
        "Add the larger districts, or check the codes",
    ),
    "district_outside_parent": FaultKind(
        "warning",
        "{count} 个分区有 5% 以上面积落在所属上级分区之外（{examples}）",
        "{count:|district has|districts have} more than 5 % of {count:?its|their} area outside the larger district {count:?it is|they are} part of ({examples})",
        "请核对代码与界线是否为同一年份",
        "Check whether codes and boundaries are of the same year",
    ),
}

_SHAPES: Mapping[str, FaultKind] = {
    "overlapping_districts": FaultKind(
        "warning",
        "{count} 对分区相互重叠，共 {hectares:.1f} 公顷（{examples}）",
        "{count:|pair|pairs} of districts {count:?overlaps|overlap}, {hectares:.1f} ha in all ({examples})",
        "重叠处的住宅计入占其基底面积较大的分区，相等时计入排在前面的分区；请修正界线",
        "Homes there count in the district with more of their footprint, the first if equal; correct the boundaries",
    ),
    "holes_between_districts": FaultKind(
        "warning",
        "分区之间有 {count} 处空白，共 {hectares:.1f} 公顷（{examples}）",
        "there {count:?is|are} {count:|hole|holes} between districts, {hectares:.1f} ha in all ({examples})",
        "如非水面等有意留空之处，请补齐界线；其中的住宅不计入该级分区",
        "Close them unless they are left out on purpose, as lakes are; homes there count in no district of this level",
    ),
    "slivers_between_districts": FaultKind(
        "note",
        "分区之间有 {count} 处狭缝，共 {square_metres:.0f} 平方米",
        "there {count:?is|are} {count:|sliver|slivers} between districts, {square_metres:.0f} m² in all",
        "系界线绘制误差；狭缝中的住宅计入 {metres:g} 米以内最近的分区",
        "Borders were drawn inaccurately; homes there count in the nearest district within {metres:g} m",
    ),
    "districts_in_parts": FaultKind(
        "note",
        "{count} 个分区由互不相连的几部分组成（{examples}）",
        "{count:|district consists|districts consist} of separate parts ({examples})",
        "飞地属正常情形；细小碎块请核对界线",
        "Exclaves are common; check the boundaries where parts are tiny",
    ),
    "boundary_without_district": FaultKind(
        "warning",
        "研究区边界内有 {hectares:.1f} 公顷（{share:.0%}）不属于任何分区",
        "{hectares:.1f} ha ({share:.0%}) of the study area belong to no district",
        "请核对边界与分区图层是否一致",
        "Check whether boundary and districts agree",
    ),
    "districts_beyond_boundary": FaultKind(
        "warning",
        "{count} 个分区超出研究区边界，共 {hectares:.1f} 公顷（{examples}）",
        "{count:|district reaches|districts reach} beyond the study area, by {hectares:.1f} ha in all ({examples})",
        "请核对边界与分区图层是否一致；分区数字按整个分区内的住宅计算",
        "Check whether boundary and districts agree; figures of a district count all homes in it",
    ),
}

_HOMES: Mapping[str, FaultKind] = {
    "homes_outside_circles": FaultKind(
        "warning",
        "{count} 处住宅（{residents:,.0f} 人）不在任何 {minutes} 分钟生活圈内，不计入按生活圈判定的条文",
        "{count:|home|homes} ({residents:,.0f|resident|residents}) {count:?lies|lie} in no {minutes}-minute circle and {count:?is|are} left out of clauses judged by circle",
        "请检查 circles 的界线是否覆盖全部住宅",
        "Check that the boundaries under `circles` hold all homes",
    ),
    "circles_overlap": FaultKind(
        "warning",
        "{count} 对生活圈相互重叠，共 {hectares:.1f} 公顷（{examples}）",
        "{count:|pair|pairs} of living circles {count:?overlaps|overlap}, {hectares:.1f} ha in all ({examples})",
        "重叠处的住宅和设施计入排在前面的圈；请修正界线",
        "Homes and facilities there count in the first of the circles; correct the boundaries",
    ),
    "no_home_in_circles": FaultKind(
        "fault",
        "{minutes} 分钟生活圈的界线内没有任何住宅",
        "not one home lies in a {minutes}-minute circle",
        "请检查 circles 图层及其坐标系",
        "Check the layer under `circles` and its coordinate reference system",
    ),
    "homes_without_district": FaultKind(
        "warning",
        "{count} 处住宅不在任何分区内，只计入总数",
        "{count:|home lies|homes lie} in no district and {count:?counts|count} in the total only",
        "请检查分区图层的范围",
        "Check the extent of the district layer",
    ),
    "districts_without_residents": FaultKind(
        "warning",
        "{count} 个分区没有居民，条文不对其判定（{examples}）",
        "{count:|district has|districts have} no residents, and no clause is judged there ({examples})",
        "请核对住宅资料是否缺少这些分区；确实无人居住的，不必处理",
        "Look whether homes of these districts are missing; if nobody lives there, leave it",
    ),
    "districts_without_households": FaultKind(
        "warning",
        "{count} 个分区有居民，但户数为零或不详，按户数计的条文无法判定（{examples}）",
        "{count:|district has|districts have} residents but no households, so that no clause by households can be judged ({examples})",
        "请在住宅资料中补充户数",
        "Add households to the homes",
    ),
    "homes_in_larger_district_only": FaultKind(
        "warning",
        "{count} 处住宅不在任何下级分区内，只计入上级分区和总数",
        "{count:|home lies|homes lie} in none of the smaller districts and {count:?counts|count} in larger ones and the total only",
        "请检查下级分区图层的空白处",
        "Check the smaller districts for holes",
    ),
    "homes_across_districts": FaultKind(
        "note",
        "{count} 处住宅跨分区界线，计入占其基底面积较大的分区",
        "{count:|home stands|homes stand} on a border of districts and {count:?counts|count} in the one with more of {count:?its|their} footprint",
        "如有不符，请修正界线",
        "Correct the boundaries if that is wrong",
    ),
    "homes_in_nearest_district": FaultKind(
        "note",
        "{count} 处住宅落在分区界线狭缝中，计入 {metres:g} 米以内最近的分区",
        "{count:|home lies|homes lie} in slivers beside districts and {count:?counts|count} in the nearest within {metres:g} m",
        "如有不符，请修正界线",
        "Correct the boundaries if that is wrong",
    ),
}

_POPULATION: Mapping[str, FaultKind] = {
    "population_without_key": FaultKind(
        "fault",
        "人口表中既没有区划代码列，也没有名称列",
        "the population table has neither a column of codes nor one of names",
        "请写明 columns.id 或 columns.name；现有列：{columns}",
        "State columns.id or columns.name; there are {columns}",
    ),
    "population_without_figures": FaultKind(
        "fault",
        "人口表中没有人口、户数或年龄段列",
        "the population table has no column of residents, households or age groups",
        "请写明 columns.residents、columns.households 或 columns.ages；现有列：{columns}",
        "State columns.residents, columns.households or columns.ages; there are {columns}",
    ),
    "population_code_rounded": FaultKind(
        "warning",
        "人口表中的代码已被表格软件舍入为“{value}”，末几位丢失，改按名称对应",
        "a spreadsheet has rounded this code to “{value}”; the row was joined by name",
        "请从原始资料重新导出，导出前将该列设为文本",
        "Export it again from the original, with the column set to text",
    ),
    "population_row_repeated": FaultKind(
        "fault",
        "与第{first}行指同一分区“{value}”",
        "names the same district “{value}” as row {first}",
        "每个分区只留一行",
        "Keep one row for each district",
    ),
    "population_row_ambiguous": FaultKind(
        "warning",
        "“{value}”与几个分区同名（{examples}），该行未使用",
        "“{value}” is the name of several districts ({examples}); the row was not used",
        "请改用区划代码",
        "Use division codes",
    ),
    "population_row_unmatched": FaultKind(
        "warning",
        "找不到分区“{value}”，该行未使用；名称相近的有：{nearest}",
        "there is no district “{value}”; the row was not used. Near: {nearest}",
        "请核对代码或名称",
        "Check code or name",
    ),
    "population_by_name": FaultKind(
        "note",
        "人口表有 {count} 行按名称对应分区（{examples}）",
        "{count:|row|rows} of the population table {count:?was|were} joined by name ({examples})",
        "如有不符，请改用区划代码",
        "Use division codes if that is wrong",
    ),
    "population_totals_skipped": FaultKind(
        "note",
        "人口表中的合计行未使用（{examples}）",
        "rows of totals in the population table were not used ({examples})",
        "合计由各分区相加得出",
        "Totals are the sums of the districts",
    ),
    "districts_without_population": FaultKind(
        "warning",
        "{count} 个分区在人口表中没有数字（{examples}）",
        "{count:|district has|districts have} no figure in the population table ({examples})",
        "请补充人口表；这些分区的居民未经核对",
        "Complete the table; residents there are unchecked",
    ),
    "population_differs": FaultKind(
        "warning",
        "{count} 个分区的居民数与人口表相差超过 10%（{examples}）",
        "the residents of {count:|district|districts} differ from the population table by more than 10 % ({examples})",
        "详见“人口核对”表；可将 population_table.use 设为 scale，按人口表调整",
        "See the table “Population check”; population_table.use: scale fits homes to the table",
    ),
    "population_scaled": FaultKind(
        "warning",
        "{what_zh}已按人口表调整：{districts} 个分区，住宅合计由 {before:,.0f} 调为 {after:,.0f}",
        "{what_en} were scaled to the population table: {districts:|district|districts}, {before:,.0f} in homes became {after:,.0f}",
        "调整前的差异见“人口核对”表",
        "See the table “Population check” for the differences before",
    ),
    "population_unplaced": FaultKind(
        "warning",
        "人口表中有 {count:,.0f} {what_zh}无处安放：{districts} 个分区内没有有人居住的住宅（{examples}）",
        "{count:,.0f} {what_en} of the population table could not be placed: {districts:|district holds|districts hold} no inhabited home ({examples})",
        "请补充这些分区的住宅",
        "Add the homes of these districts",
    ),
    "population_levels_disagree": FaultKind(
        "warning",
        "人口表所列{what_zh}，有 {count} 个分区小于其下级分区之和（{examples}）",
        "the table gives {count:|district|districts} fewer {what_en} than the sum of the smaller ones within ({examples})",
        "请核对人口表；以下级分区为准",
        "Check the table; the smaller districts count",
    ),
    "age_group_unknown": FaultKind(
        "warning",
        "有 {residents:,.0f} 名居民所在分区没有 {group} 岁人口数字，该年龄段按 0 计",
        "for the districts of {residents:,.0f} residents the table has no number aged {group}; they count as none",
        "请补充人口表",
        "Complete the table",
    ),
}

KINDS: Mapping[str, FaultKind] = {**_CODES, **_NESTING, **_SHAPES, **_HOMES, **_POPULATION}
