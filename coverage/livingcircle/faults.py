"""Every fault an input can have, in words: what is wrong and what to do about it.

A fault is data (kind, file, row, column, value); its sentence is looked up here in Chinese or English, so that the same fault reads the
same in the terminal, on the page and in the report. These words live at the bottom of the house, beside the errors, because an exception
must be able to speak for itself; all other words are in `livingcircle.render.words`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Language = Literal["zh", "en"]
Severity = Literal["fault", "warning"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One way an input can be wrong: its severity, the problem and the remedy in both languages."""

    severity: Severity
    problem_zh: str
    problem_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault found in one place.

    `row` counts as the user's program does: the header of a table is row 1, features of a layer count from 1. `details` fills the braces of the sentence.
    """

    kind: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            message = f"no fault kind is called {self.kind!r}"
            raise KeyError(message)

    @property
    def severity(self) -> Severity:
        """`fault` stops a run, `warning` is carried into every output."""
        return FAULT_KINDS[self.kind].severity

    def problem(self, language: Language = "en") -> str:
        """Say what is wrong."""
        kind = FAULT_KINDS[self.kind]
        return self._filled(kind.problem_zh if language == "zh" else kind.problem_en)

    def remedy(self, language: Language = "en") -> str:
        """Say what to do about it."""
        kind = FAULT_KINDS[self.kind]
        return self._filled(kind.remedy_zh if language == "zh" else kind.remedy_en)

    def place(self, language: Language = "en", *, without: Collection[str] = ()) -> str:
        """Name file, row, column and value, as far as they are known and not left out."""
        row, column, value = (
            ("第{}行", "列“{}”", "值“{}”") if language == "zh" else ("row {}", "column “{}”", "value “{}”")
        )
        parts = [self.file]
        if self.row is not None:
            parts.append(row.format(self.row))
        if self.column and "column" not in without:
            parts.append(column.format(self.column))
        if self.value and "value" not in without:
            parts.append(value.format(self.value))
        return ("，" if language == "zh" else ", ").join(part for part in parts if part)

    def sentence(self, language: Language = "en") -> str:
        """Place, problem and remedy in one line; the problem may name column and value itself."""
        template = FAULT_KINDS[self.kind].problem_en
        place = self.place(language, without=[name for name in ("column", "value") if f"{{{name}}}" in template])
        problem, remedy = self.problem(language), self.remedy(language)
        if language == "zh":
            return f"{place}：{problem}。{remedy}。" if place else f"{problem}。{remedy}。"
        return f"{place}: {problem}. {remedy}." if place else f"{problem}. {remedy}."

    def _filled(self, template: str) -> str:
        return template.format_map({"file": self.file, "column": self.column, "value": self.value, **self.details})


FAULT_KINDS: Mapping[str, FaultKind] = MappingProxyType(
    {
        # Files
        "missing_file": FaultKind(
            "fault",
            "文件不存在",
            "the file does not exist",
            "请核对研究配置中的路径（相对路径以配置文件所在文件夹为准）",
            "Check the path in the study file (a relative path starts at the study file's folder)",
        ),
        "unreadable_file": FaultKind(
            "fault",
            "文件无法读取：{reason}",
            "the file cannot be read: {reason}",
            "请确认格式与扩展名一致，并在原软件中重新导出",
            "Make sure format and extension agree, and export it again from its program",
        ),
        "wrong_content": FaultKind(
            "fault",
            "文件内容不是 {format}",
            "its content is not {format}",
            "扩展名可能改错，请在原软件中重新导出",
            "The extension may have been changed by hand; export it again from its program",
        ),
        "truncated_file": FaultKind(
            "fault",
            "文件不完整，末尾缺失",
            "the file is cut short",
            "请重新复制或下载，并核对文件大小",
            "Copy or download it again and compare the sizes",
        ),
        "too_many_cells": FaultKind(
            "fault",
            "该行的单元格多于表头的 {width} 列",
            "the row has more cells than the {width} columns of the header",
            "请检查文字中的逗号是否缺少引号",
            "See whether a comma in its text lacks quotation marks",
        ),
        "unknown_format": FaultKind(
            "fault",
            "不支持的文件格式",
            "this file format is not supported",
            "请改用 {formats}",
            "Use one of {formats}",
        ),
        "empty_layer": FaultKind(
            "fault",
            "图层没有任何记录",
            "the layer holds no rows",
            "请检查导出范围和筛选条件",
            "Check the extent and the filter it was exported with",
        ),
        "missing_layer": FaultKind(
            "fault",
            "文件中没有名为“{value}”的图层",
            "the file has no layer called “{value}”",
            "可用图层：{layers}",
            "Its layers are: {layers}",
        ),
        "missing_column": FaultKind(
            "fault",
            "缺少列“{column}”",
            "column “{column}” is missing",
            "现有列：{columns}。请在研究配置的 columns 中写明对应列名",
            "The columns are: {columns}. Name the right one under `columns` in the study file",
        ),
        "not_a_run_folder": FaultKind(
            "fault",
            "文件夹中有不属于以往成果的内容（{names}），不能替换",
            "the folder holds something other than an earlier run ({names}), which must not be replaced",
            "请另选一个空文件夹或新文件夹，或先移走这些文件（表格在其他程序中打开时请先关闭）",
            "Choose an empty or a new folder, or move those files away; close results that are open in another program",
        ),
        "unwritable_folder": FaultKind(
            "fault",
            "成果无法写入：{reason}",
            "results cannot be written there: {reason}",
            "请检查磁盘空间和权限，并关闭已在其他程序中打开的成果文件",
            "Check disk space and permissions, and close results that are open in another program",
        ),
        # Geometry and coordinate systems
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
        # Values
        "missing_value": FaultKind(
            "fault",
            "必填的单元格为空",
            "a cell that is needed is empty",
            "请补充，或删除该行",
            "Fill it in, or delete the row",
        ),
        "not_a_number": FaultKind(
            "fault",
            "不是数值",
            "it is not a number",
            "请填写数字，不带单位；未知请留空",
            "Write digits without a unit; leave unknown values empty",
        ),
        "negative_number": FaultKind(
            "fault",
            "不能为负数",
            "it must not be negative",
            "请更正；未知请留空",
            "Correct it; leave unknown values empty",
        ),
        "duplicate_id": FaultKind(
            "fault",
            "编号重复（首次出现在第 {first} 行）",
            "the id appears twice (first in row {first})",
            "请使每个编号唯一",
            "Make every id unique",
        ),
        "not_yes_or_no": FaultKind(
            "fault",
            "“{value}”既不是“是”也不是“否”",
            "“{value}” is neither yes nor no",
            "请填写“是”或“否”，留空按“否”处理",
            "Write yes or no; an empty cell means no",
        ),
        "unknown_passage": FaultKind(
            "fault",
            "“{value}”不能说明何人可以通行",
            "“{value}” does not say who may pass",
            "请填写“所有人”、“居民”或“不开放”，留空按“所有人”处理",
            "Write everyone, residents or nobody; an empty cell means everyone",
        ),
        "bad_hours": FaultKind(
            "fault",
            "“{value}”不是开放时间",
            "“{value}” are not opening hours",
            "请按“06:00-22:00”的格式填写，全天开放的留空",
            "Write them like 06:00-22:00; leave the cell empty for a gate that never closes",
        ),
        "unknown_compound": FaultKind(
            "fault",
            "没有编号为“{value}”的小区",
            "no compound has the id “{value}”",
            "请填写小区图层中的编号；留空则归属围墙最近处的小区",
            "Write an id of the layer of compounds; a gate without one belongs to the compounds whose wall is there",
        ),
        "unknown_home": FaultKind(
            "fault",
            "没有编号为“{value}”的住宅",
            "no home has the id “{value}”",
            "编号见成果的住宅表（homes），相近的有：{nearest}",
            "Ids are those of the table of homes; like this one: {nearest}",
        ),
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
        "no_people": FaultKind(
            "fault",
            "住宅没有户数也没有人口",
            "the homes carry neither households nor residents",
            "请在 columns 中指定 households 或 residents 列",
            "Name a column for households or residents under `columns`",
        ),
        # Study
        "bad_setting": FaultKind(
            "fault",
            "配置项“{column}”有误：{reason}",
            "setting “{column}” is wrong: {reason}",
            "请对照 configs/study.schema.json 更正",
            "Correct it after configs/study.schema.json",
        ),
        "missing_setting": FaultKind(
            "fault",
            "缺少配置项“{column}”",
            "setting “{column}” is missing",
            "请补充该项",
            "Add it",
        ),
        "unknown_setting": FaultKind(
            "fault",
            "没有名为“{column}”的配置项",
            "there is no setting called “{column}”",
            "请删除或更正；此处可用：{nearest}",
            "Delete or correct it; known here: {nearest}",
        ),
        "wrong_setting": FaultKind(
            "fault",
            "配置项“{column}”应为{needed_zh}",
            "setting “{column}” must be {needed_en}",
            "请更正该值",
            "Correct this value",
        ),
        "bad_yaml": FaultKind(
            "fault",
            "不是有效的 YAML：{reason}",
            "it is not valid YAML: {reason}",
            "请检查该行的缩进和冒号",
            "Check indentation and colons near that line",
        ),
        "unknown_standard": FaultKind(
            "fault",
            "没有名为“{value}”的标准",
            "there is no standard called “{value}”",
            "内置标准：{known}；或写自定义标准的 YAML 路径",
            "Built in are: {known}; or give the path of a standard of your own",
        ),
        "duplicate_requirement": FaultKind(
            "fault",
            "要求编号“{value}”重复",
            "the requirement id “{value}” appears twice",
            "请使每条要求的编号唯一",
            "Make every requirement id unique",
        ),
        "unknown_document": FaultKind(
            "fault",
            "引用的文件“{value}”未在 documents 中列出",
            "the cited document “{value}” is not listed under `documents`",
            "已列出：{known}",
            "Listed are: {known}",
        ),
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
        "bad_speed": FaultKind(
            "fault",
            "步行速度须为大于 0 的数值",
            "the walking speed must be a finite number above 0",
            "请更正步行速度（米每秒）",
            "Correct the walking speed, in metres per second",
        ),
        "bad_limit": FaultKind(
            "fault",
            "步行时限须为不小于 0 的数值",
            "the limit of a walk must be a number of at least 0",
            "请更正时限（秒）",
            "Correct the limit, in seconds",
        ),
        "street_meets_nothing": FaultKind(
            "fault",
            "新增道路的两端在 {metres:.0f} 米内均无现状道路",
            "neither end of the new street lies within {metres:.0f} m of a street",
            "请将至少一端画到现状道路上",
            "Draw at least one end onto a street",
        ),
        "street_through_gate": FaultKind(
            "fault",
            "该大门有道路通过，不能作为围墙上的大门单独封闭",
            "a street leads through this gate, so walling it up alone would shut nobody out",
            "请封闭通过大门的道路",
            "Close the street that leads through it",
        ),
        "no_homes": FaultKind(
            "fault",
            "没有找到住宅建筑",
            "no residential building was found",
            "请检查 residential_buildings，或改用住宅图层",
            "Check `residential_buildings`, or give a layer of homes",
        ),
        "download_failed": FaultKind(
            "fault",
            "下载“{value}”失败：{reason}",
            "downloading “{value}” failed: {reason}",
            "请检查网络，或改用本地 OSM 文件（kind: osm_file）",
            "Check the connection, or use an OSM file on disk (kind: osm_file)",
        ),
        "population_elsewhere": FaultKind(
            "fault",
            "没有一处住宅落在有人口的格网内",
            "no home lies in a population cell with residents",
            "请核对人口格网的范围和坐标系",
            "Check the extent and the coordinate reference system of the population cells",
        ),
        "merged_duplicates": FaultKind(
            "warning",
            "{count} 处设施在 OSM 中重复标注，已与同一设施合并",
            "{count} facilities are mapped more than once in OSM and were merged",
            "如属不同设施，请在 OSM 中以不同名称标注",
            "Where they differ in truth, give them different names in OSM",
        ),
        "no_facility": FaultKind(
            "warning",
            "资料中没有以下 {count} 类设施：{services_zh}",
            "the input holds no facility of {count} kinds: {services_en}",
            "这些服务判为“数据不足”，并非“不达标”；请补充设施名录，或换用只含所需服务的标准",
            "They are reported as insufficient data, not as unmet; add facility lists, or use a standard with the services you need",
        ),
        "no_limit": FaultKind(
            "fault",
            "标准没有规定“{value}”的步行时限",
            "the standard gives no walking limit for “{value}”",
            "请在该项选址任务中写明 limit_minutes",
            "State `limit_minutes` in this siting task",
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
            "{sites} sites are asked for, but there are only {candidates} candidates",
            "请减少 sites 或补充候选点",
            "Ask for fewer sites, or add candidates",
        ),
        # Elevation
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
            "the archive holds {count} elevation rasters; one is needed here",
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
        # What every reader must know about the data
        "islands_pruned": FaultKind(
            "warning",
            "路网中有 {count} 处孤立路段（共 {kilometres:.1f} 公里）与主网不连通，已剔除",
            "{count} islands of the street network ({kilometres:.1f} km) are cut off from the rest and were pruned",
            "附近地点已改接到主网；如实际连通请补充路网",
            "Places near them join the main network; complete the network where they are in truth connected",
        ),
        "gates_unknown": FaultKind(
            "warning",
            "{total} 个小区中有 {count} 个出入口不详：{assumption_zh}",
            "of {total} walled compounds {count} have no known gate: {assumption_en}",
            "请补充小区出入口图层（compounds.gates），以缩小上下限之差",
            "List their gates (compounds.gates) to narrow the range",
        ),
        "gates_shut": FaultKind(
            "warning",
            "{count} 个小区的已知出入口在 {time} 均不可通行，按各有一处出入口计算（{examples}）",
            "all known gates of {count} compounds are shut at {time}; one gate each was assumed ({examples})",
            "请核对出入口的开放时间和通行对象",
            "Check hours and users of their gates",
        ),
        "gates_nowhere": FaultKind(
            "warning",
            "{count} 处出入口不在小区边界附近（未注明小区的超过 {metres:.0f} 米，已注明的超过 {named_metres:.0f} 米），未采用",
            "{count} gates are not near a compound (within {metres:.0f} m, or {named_metres:.0f} m of the one they name) and were left out",
            "请核对坐标及所属小区编号",
            "Check their coordinates and the compound they name",
        ),
        "gate_hours_unread": FaultKind(
            "warning",
            "{count} 处出入口的开放时间无法识别，按全天开放计算",
            "the opening hours of {count} gates could not be read; they count as always open",
            "如需考虑开放时间，请用出入口图层按“06:00-22:00”的格式填写",
            "Where hours matter, list the gates in a layer with hours like 06:00-22:00",
        ),
        "streets_dropped": FaultKind(
            "warning",
            "{count} 段道路（共 {kilometres:.1f} 公里）标为禁止步行，未计入",
            "{count} street pieces ({kilometres:.1f} km) are closed to walkers and were left out",
            "如居民可通行，请在 OSM 中更正 foot/access 标签",
            "Where residents may pass, correct the foot/access tags in OSM",
        ),
        "private_streets": FaultKind(
            "warning",
            "{count} 段道路（共 {kilometres:.1f} 公里）标为私有：只作步行的起点或终点，不得穿行",
            "{count} streets ({kilometres:.1f} km) are private: walks begin and end there, and none leads through",
            "如公众可以穿行，请在 OSM 中更正 foot/access 标签",
            "Where the public may pass through, correct the foot/access tags in OSM",
        ),
        "broken_ways": FaultKind(
            "warning",
            "{count} 处道路节点在裁剪范围之外，相应路段已截断",
            "{count} street nodes lie outside the clipped extract; their ways end there",
            "请用比研究区大 1.5 公里以上的范围重新裁剪",
            "Cut the extract at least 1.5 km larger than the study area",
        ),
        "edge_effect": FaultKind(
            "warning",
            "{share:.0%} 的居民步行 {minutes:g} 分钟以内即到路网资料的边缘{how_zh}，资料以外的设施未计入，其覆盖率是下限；逐项的待定居民数见覆盖率表",
            "{share:.0%} of residents can walk to where the street data end{how_en} within {minutes:g} minutes; facilities beyond are unseen, so their coverage is a lower bound; the table of coverage counts the residents this leaves uncertain",
            "请使用比研究区外扩 {metres:.0f} 米以上的路网和设施",
            "Use a network and facilities that reach {metres:.0f} m beyond the study area",
        ),
        "short_margin": FaultKind(
            "warning",
            "路网应比研究区外扩 {needed:.0f} 米，实际最近处仅 {reached:.0f} 米；研究区边界有 {share:.0%} 的长度外扩不足",
            "streets should reach {needed:.0f} m beyond the study area; at the worst place they end after {reached:.0f} m, and along {share:.0%} of its outline they are too short",
            "请重新裁剪更大范围的路网和设施；若该处为海岸、大河或国界，请在 edge.natural_border 中给出",
            "Cut streets and facilities from a larger area; where they end at a coast, a wide river or a state border, name it under `edge.natural_border`",
        ),
        "clipped_network": FaultKind(
            "fault",
            "路网应比研究区外扩 {needed:.0f} 米，实际最近处仅 {reached:.0f} 米；研究区边界有 {share:.0%} 的长度外扩不足",
            "streets should reach {needed:.0f} m beyond the study area; at the worst place they end after {reached:.0f} m, and along {share:.0%} of its outline they are too short",
            "请重新裁剪更大范围的路网和设施；若该处为海岸、大河或国界，请在 edge.natural_border 中给出；如仍要计算，请将 edge.when_short 设为 warn",
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
            "{count} homes ({residents:.0f} residents) lie outside the study area and count all the same",
            "如不应计入，请从住宅图层中删除",
            "Take them out of the layer of homes if they should not",
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
)
