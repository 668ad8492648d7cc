"""Every Chinese and English word and every colour of the output, in one place.

`say` looks a sentence up by key. Names of columns, their units and meanings are in `livingcircle.render.columns`; what can be wrong with
an input speaks for itself in `livingcircle.faults`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from livingcircle.faults import Language
from livingcircle.model.standard import Words

LANGUAGES: tuple[Language, ...] = ("zh", "en")

# ── Colours ─────────────────────────────────────────────────────────────────
# Blue against orange is told apart with every common kind of colour blindness; within the blues, lightness carries the order.

NEAR_TO_FAR = ("#08519c", "#3f8fc5", "#9ccbe2")
BEYOND = "#f0a04b"
UNREACHABLE = "#a63603"
UNJOINED = "#b4b4b4"
COVERED = "#2f7fb8"
PARTLY_COVERED = "#b9b3c9"
UNCOVERED = "#e8833a"
GAP = "#d7301f"
PLAN = "#5b2a86"
CANDIDATE = "#5f6b73"
DISTRICT = "#55606a"
STREET = "#c9ced3"
PAPER = "#f6f5f1"
INK = "#3c4a54"
SERVICE_MARKERS = ("#14532d", "#7a0f5c", "#1f2933", "#5d4300", "#004d61", "#801515", "#3f3f8f", "#4a5d00")
VERDICT_FILLS: Mapping[str, str] = MappingProxyType(
    {"met": "#d6e8f5", "unmet": "#fbdcc4", "no_data": "#e9e9e9", "not_applicable": "#ffffff"}
)


def minute_colours(limits: int) -> tuple[str, ...]:
    """Return one colour per limit, from dark (near) to light (far).

    Three are the palette itself; other numbers are spread evenly along it.
    """
    last = len(NEAR_TO_FAR) - 1
    if limits == 1:
        return (NEAR_TO_FAR[1],)
    stops = [last * position / (limits - 1) for position in range(limits)]
    return tuple(_between(stop) for stop in stops)


def _between(stop: float) -> str:
    low = min(int(stop), len(NEAR_TO_FAR) - 2)
    part = stop - low
    pairs = zip(_channels(NEAR_TO_FAR[low]), _channels(NEAR_TO_FAR[low + 1]), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * part):02x}" for first, second in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# ── Numbers as people read them ─────────────────────────────────────────────
# Only the display rounds; tables and comparisons never do.


def shown_count(value: float) -> str:
    """Write a number of people or things: `12,346`, or a dash where it is unknown."""
    return f"{value:,.0f}" if math.isfinite(value) else "—"


def shown_share(value: float) -> str:
    """Write a share: `76.3 %`.

    What is not quite all or not quite nothing never reads `100.0 %` or `0.0 %`, so a rounding cannot turn 未达标 into a full house.
    """
    if not math.isfinite(value):
        return "—"
    if 0.9995 <= value < 1:
        return ">99.9 %"
    if 0 < value < 0.0005:
        return "<0.1 %"
    return f"{value:.1%}".replace("%", " %")


def shown_minutes(seconds: float) -> str:
    """Write a limit or time in minutes without needless zeros: `15`, `7.5`."""
    return f"{seconds / 60:.10g}" if math.isfinite(seconds) else "—"


# ── Words ───────────────────────────────────────────────────────────────────


def say(key: str, language: Language, **values: str | float) -> str:
    """Return the words for `key`, their braces filled from `values`.

    Raises
    ------
    KeyError
        When no words have that key: a defect of the caller.
    """
    return WORDS[key].said(language).format(**values)


def say_code(group: str, code: str, language: Language) -> str:
    """Return the words for a coded value such as a verdict, or the code itself where it has none."""
    words = WORDS.get(f"{group}.{code}")
    return code if words is None else words.said(language)


def _words(*entries: tuple[str, str, str]) -> Mapping[str, Words]:
    table = {key: Words(zh, en) for key, zh, en in entries}
    if len(table) != len(entries):
        raise ValueError("a key of the words appears twice")
    return MappingProxyType(table)


# fmt: off
WORDS: Mapping[str, Words] = _words(
    # Codes
    ("verdict.met", "达标", "met"),
    ("verdict.unmet", "不达标", "not met"),
    ("verdict.no_data", "数据不足", "insufficient data"),
    ("verdict.not_applicable", "不适用", "not applicable"),
    ("scope.study", "总体", "whole study"),
    ("scope.district", "分区", "district"),
    ("scope.larger_district", "上级分区", "larger district"),
    ("district_level.community", "社区（村）", "community"),
    ("district_level.subdistrict", "街道（乡镇）", "sub-district"),
    ("district_level.county", "区县", "county or district"),
    ("district_level.prefecture", "地级市", "prefecture"),
    ("district_level.province", "省", "province"),
    ("status.optimal", "已证明最优", "proven optimal"),
    ("status.feasible", "可行解", "feasible"),
    ("status.nothing_to_gain", "候选点均无新增覆盖", "no candidate adds a resident"),
    ("verification.read_in_full", "已核对全文", "read in the document itself"),
    ("verification.primary_excerpt", "已核对原文节选", "seen in the document or its scan"),
    ("verification.secondary_match", "据转引资料，未核原文", "from a quotation; check the printed standard"),
    ("verification.single_secondary", "仅有一处转引，未核原文", "from a single quotation; check the printed standard"),
    ("verification.news_match", "据新闻报道，未核原文", "from a news report; check the printed standard"),
    ("verification.recall_cross_checked", "凭记忆录入并交叉比对，未核原文", "recalled and cross-checked; check the printed standard"),
    ("verification.recall_unverified", "凭记忆录入，未核原文", "recalled, check the printed standard"),
    ("role.network", "步行路网", "street network"),
    ("role.elevation", "高程", "elevation"),
    ("role.homes", "住宅", "homes"),
    ("role.population", "人口格网", "population cells"),
    ("role.facilities", "设施", "facilities"),
    ("role.districts", "分区", "districts"),
    ("role.population_table", "人口表", "population table"),
    ("role.compounds", "小区", "walled compounds"),
    ("role.gates", "小区出入口", "gates of compounds"),
    ("role.candidates", "候选点位", "candidates"),
    ("role.boundary", "研究区边界", "study area"),
    ("role.natural_border", "自然边界", "natural border"),
    ("role.standard", "评估标准", "standard"),
    ("role.study", "研究配置", "study file"),
    ("severity.warning", "提示", "warning"),
    ("severity.fault", "错误", "fault"),
    ("truth.true", "是", "yes"),
    ("truth.false", "否", "no"),
    ("network_grade.A", "好（A）", "good (A)"),
    ("network_grade.B", "较好（B）", "fair (B)"),
    ("network_grade.C", "一般（C）", "moderate (C)"),
    ("network_grade.D", "差（D）", "poor (D)"),
    ("network_grade.unknown", "无法评定", "not graded"),
    ("weakest.residents_far_share", "距道路过远的居民", "residents far from streets"),
    ("weakest.apart_share", "与主网不连通的道路", "streets apart from the main network"),
    ("weakest.dropped_share", "因通行标签排除的道路", "streets closed by tags"),
    ("weakest.dead_ends_per_km", "断头路", "dead ends"),
    ("weakest.compound_km_per_km2", "小区内道路密度", "path density in compounds"),
    ("weakest.unknown", "—", "—"),
    ("completeness.line", "路网完整性{grade}：{figures}。", "Completeness of the street network: {grade}. {figures}."),
    ("completeness.figures", "{far} 的居民距步行道路超过50米，{apart} 的道路与主网不连通，断头路每公里 {dead_ends} 处{dropped}{compounds}", "{far} of residents live more than 50 m from any walkable way, {apart} of street length is apart from the main network, {dead_ends} dead ends per km{dropped}{compounds}"),
    ("completeness.dropped", "，{share} 的道路因通行标签排除", ", {share} closed by tags"),
    ("completeness.compounds", "，小区内道路密度中位数 {density} 公里/平方公里（1公顷以上小区 {count} 处，其中 {empty} 处内部无路）", ", a median of {density} km of path per km² in compounds ({count} of a hectare or more, {empty} without any path)"),
    ("completeness.means_residents_far_share", "这些住宅周边的道路多半未绘入：住宅到道路按直线计，可能偏短；其后只能沿已绘道路绕行，可能偏长。步行时间须现场核对后引用。", "The paths around those homes are mostly undrawn: the walk to the street counts as a straight line, perhaps too short, and from there leads around by the streets that are drawn, perhaps too long. Check walking times on site before quoting them."),
    ("completeness.means_apart_share", "断开的路段不参与步行，附近步行时间为上限：实际连通处会更近。", "Streets that are apart take no part, so walking times near them are upper bounds: where they join in truth, walks are shorter."),
    ("completeness.means_dropped_share", "如居民实际可以通行，步行时间为上限：少算了这些捷径。", "Where residents may pass in truth, walking times are upper bounds, for these short cuts are missing."),
    ("completeness.means_dead_ends_per_km", "断头处之后的道路很可能未绘入，步行时间为上限：缺少的连接使路线绕远。", "Beyond many of these ends streets are probably undrawn, so walking times are upper bounds: routes lead around missing links."),
    ("completeness.means_compound_km_per_km2", "小区内部道路大多未绘入：楼栋到外围道路按直线计，可能偏短；不能从小区内穿过，可能绕远。步行时间须现场核对后引用。", "Paths inside compounds are mostly undrawn: the walk from a building to the street outside counts as a straight line, perhaps too short, and none leads through, perhaps too long. Check walking times on site before quoting them."),
    # Names of tables: sheets of the workbook and entries of the dictionary
    ("table.overview", "总览", "Overview"),
    ("table.coverage", "覆盖率", "Coverage"),
    ("table.coverage_by_age", "分年龄覆盖率", "Coverage by age"),
    ("table.quarantined", "存疑住宅", "Homes to review"),
    ("table.population_unplaced", "未落位人口", "People not placed"),
    ("table.exchange", "跨辖区服务", "Across districts"),
    ("table.verdicts", "达标判定", "Verdicts"),
    ("table.isochrones", "等时圈面积", "Isochrones"),
    ("table.gaps", "缺口片区", "Gap areas"),
    ("table.plan", "建议选址", "Proposed sites"),
    ("table.plan_quality", "选址方案质量", "Quality of plans"),
    ("table.facilities", "设施", "Facilities"),
    ("table.candidates", "候选点位", "Candidates"),
    ("table.homes", "住宅", "Homes"),
    ("table.population_check", "人口核对", "Population check"),
    ("figure.residents", "居民数", "residents"),
    ("figure.households", "户数", "households"),
    ("table.network_completeness", "路网完整性", "Network completeness"),
    ("table.warnings", "数据提示", "Data warnings"),
    ("table.inputs", "输入文件", "Input files"),
    ("table.dictionary", "字段说明", "Data dictionary"),
    # The overview of the workbook
    ("overview.standard", "评估标准", "Standard"),
    ("overview.standard_edition", "{title}（{edition}）", "{title} ({edition})"),
    ("overview.walker", "步行者", "Walker"),
    ("overview.walker_speed", "{name}，{speed:g} 米/秒（{kilometres:.1f} 公里/小时）", "{name}, {speed:g} m/s ({kilometres:.1f} km/h)"),
    ("overview.walking", "步行假设", "Assumed of walking"),
    ("walking.list", "{parts}。", "{parts}."),
    ("walking.slope_level", "道路一律按平路计", "All ground counts as level"),
    ("walking.slope_tobler", "坡度按托布勒函数计入步行时间，上坡慢、缓下坡快，陡于 {steepest:.0f}% 的按 {steepest:.0f}% 计", "Slope changes speed by Tobler's hiking function, up slower, gently down faster; slopes beyond {steepest:.0f} % count as {steepest:.0f} %"),
    ("walking.stairs_level", "台阶与平路同速", "stairs are walked like level ground"),
    ("walking.stairs_factor", "台阶用时为等长平路的 {factor:g} 倍，不再计坡度", "stairs take {factor:g} times as long as level ground of their length, without slope"),
    ("walking.stairs_barred", "台阶不可通行", "stairs cannot be used"),
    ("walking.no_waits", "过街不计等候时间", "crossing a road takes no wait"),
    ("walking.waits", "过街平均等候：信号灯 {signal:g} 秒，斑马线 {zebra:g} 秒；两者皆无时，主干路及以上 {primary:g} 秒、次干路 {secondary:g} 秒、支路 {tertiary:g} 秒、街巷不计", "crossing a road takes a wait of {signal:g} s at signals, {zebra:g} s at zebras, with neither {primary:g} s across primary and trunk roads, {secondary:g} s across secondary, {tertiary:g} s across tertiary ones, none across small streets"),
    ("walking.wide_anywhere", "宽阔道路处处可过", "wide roads are crossed anywhere"),
    ("walking.wide_crossings", "宽阔道路只能在过街设施或路口处通过", "wide roads are crossed at crossings and junctions only"),
    ("overview.date", "生成时间（UTC）", "Made at (UTC)"),
    ("overview.residents", "居民数", "Residents"),
    ("overview.homes", "住宅数", "Homes"),
    ("overview.facilities", "设施数", "Facilities"),
    ("overview.met", "达标要求", "Requirements met"),
    ("overview.met_of", "{met} / {all} 条", "{met} of {all}"),
    ("overview.no_data", "数据不足", "Insufficient data"),
    ("overview.no_data_of", "{count} 条，补充资料后方可判定", "{count}; more data are needed to judge them"),
    ("overview.network", "路网完整性", "Street network"),
    ("overview.warning", "数据提示", "Data warning"),
    ("overview.estimate", "口径说明", "About the figures"),
    ("overview.elsewhere", "共 {rows} 行，见 {file}", "{rows} rows, in {file}"),
    ("overview.attribution", "数据来源", "Data attribution"),
    ("overview.basis", "计算方法", "Method"),
    ("overview.basis_text", "逐栋住宅沿步行路网计算，步行时间不超过时限即为覆盖；等时圈仅用于示意，不参与计算。", "Walking times are computed along the streets for every home; a home is covered when its time does not exceed the limit. Isochrones are drawings and take no part in the figures."),
    ("overview.standard_note", "标准说明", "About the standard"),
    ("overview.unverified", "条文核对", "Wording of clauses"),
    ("overview.unverified_text", "{count} 条要求未核对标准原文，正式引用前请逐条核对。", "The wording of {count} requirements was not seen in the document itself; check each against the printed standard before quoting it."),
    # Stages of a run
    ("gates.band", "主要结果按无围墙计算，另列各仅设一处出入口时的覆盖率下限", "figures are as if they had no wall, with the lower ones of a single gate each beside them"),
    ("gates.open", "按无围墙计算", "they count as if they had no wall"),
    ("gates.one_gate", "按各仅一处出入口计算", "they count as having a single gate each"),
    ("stage.standard", "读取标准", "Reading the standard"),
    ("stage.streets", "读取路网", "Reading streets"),
    ("stage.homes", "读取住宅", "Reading homes"),
    ("stage.facilities", "读取设施", "Reading facilities"),
    ("stage.districts", "读取分区", "Reading districts"),
    ("stage.compounds", "读取小区与出入口", "Reading compounds and gates"),
    ("stage.candidates", "读取候选点", "Reading candidates"),
    ("stage.join", "接入路网", "Joining places to streets"),
    ("stage.reach", "计算步行时间与覆盖率", "Computing walks and coverage"),
    ("stage.areas", "绘制等时圈与缺口片区", "Drawing isochrones and gap areas"),
    ("stage.siting", "比选新增点位", "Choosing sites"),
    ("stage.write", "写出成果", "Writing results"),
    # The terminal
    ("terminal.counts", "居民 {residents} 人，住宅 {homes} 处，设施 {facilities} 处，步行道路 {kilometres} 公里", "{residents} residents, {homes} homes, {facilities} facilities, {kilometres} km of walkable street"),
    ("terminal.walker", "步行者：{name}。{assumptions}", "Walking: {name}. {assumptions}"),
    ("terminal.standard", "标准：{title}（{edition}）；步行速度 {speed:g} 米/秒", "Standard: {title} ({edition}); walking at {speed:g} m/s"),
    ("terminal.lowest_share", "{lowest}～{share}", "{lowest}–{share}"),
    ("terminal.one_gate", "出入口不详的小区：下限按各仅一处出入口计算，上限按无围墙计算，判定按上限；标※的按下限不达标。", "Compounds whose gates are unknown: the lower share is with a single gate each, the upper as if they had no wall; verdicts are on the upper, and those marked ※ are unmet on the lower."),
    ("terminal.coverage", "步行可达居民占比与判定", "Residents within walking reach, and verdicts"),
    ("terminal.service", "服务", "Service"),
    ("terminal.minutes", "{minutes} 分钟", "{minutes} min"),
    ("terminal.rule", "目标", "Target"),
    ("terminal.rule_of", "{minutes} 分钟 ≥ {share}", "{minutes} min ≥ {share}"),
    ("terminal.verdict", "判定", "Verdict"),
    ("terminal.short", "尚缺居民", "Short"),
    ("terminal.clause", "依据", "Clause"),
    ("terminal.plan", "{service}：{minutes} 分钟步行，新增 {sites} 处", "{service}: new sites within a {minutes}-minute walk: {sites}"),
    ("terminal.plan_fewer", "要求 {asked} 处，其余候选点已无新增覆盖", "{asked} were asked for; no other candidate adds a resident"),
    ("terminal.plan_unknown", "现状数据不足，按现有 0 处计", "what exists is not in the input; counted as none"),
    ("terminal.unverified", "* 条文未核对印刷原文，引用前请核对", "* the clause was not checked against the printed standard; check it before quoting"),
    ("terminal.compiling", "首次运行，需编译计算内核，约十几秒，仅此一次。", "First run: the search loops are being compiled, some ten seconds, once."),
    ("terminal.uncertain", "† 路网资料边缘以外如有设施，可能达标；待定居民数见覆盖率表", "† might be met if there are facilities beyond the end of the data; the table of coverage counts the residents this leaves uncertain"),
    ("terminal.interrupted", "已中断，未写出成果", "interrupted; nothing was written"),
    ("terminal.plan_result", "覆盖率 {before} → {after}，新增覆盖 {value} 人", "coverage {before} → {after}, {value} more residents"),
    ("terminal.plan_optimal", "已证明最优：同样处数不可能更多", "proven optimal: as many sites cannot cover more"),
    ("terminal.plan_feasible", "距最优不超过 {gap}（上界 {bound} 人）", "within {gap} of the best possible (bound {bound})"),
    ("terminal.plan_nothing", "没有候选点能再新增覆盖居民", "no candidate would add a resident"),
    ("terminal.rank", "序号", "Rank"),
    ("terminal.site", "点位", "Site"),
    ("terminal.marginal", "新增居民", "Adds residents"),
    ("terminal.cumulative", "累计", "So far"),
    ("terminal.no_plans", "研究配置中没有选址任务", "The study asks for no sites"),
    ("terminal.areas", "等时圈面积（平方公里）", "Isochrones (km²)"),
    ("terminal.gaps", "  {service}：{minutes} 分钟外的缺口片区 {areas} 处，居民 {residents} 人", "  {service}: {areas} gap areas beyond {minutes} min, {residents} residents"),
    ("terminal.warnings", "数据提示（引用结果前请阅读）", "What to know about the data before quoting results"),
    ("terminal.faults", "未能完成，未写出任何成果：{count} 个问题", "This could not be done, and nothing was written: {count} to put right"),
    ("terminal.check_passed", "检查通过，可以计算", "Fit for use"),
    ("terminal.files", "成果", "Results"),
    ("terminal.file.map", "地图", "map"),
    ("terminal.file.tables", "表格", "tables"),
    ("terminal.file.geopackage", "空间数据", "GeoPackage"),
    ("terminal.file.csv", "CSV", "CSV"),
    ("terminal.file.record", "运行记录", "run record"),
    ("terminal.file.plan", "选址方案", "plan"),
    ("terminal.about.versions", "版本", "Versions"),
    ("terminal.about.standards", "内置标准", "Built-in standards"),
    ("terminal.about.services", "服务类型", "Service types"),
    ("terminal.about.threads", "处理器线程", "Processor threads"),
    ("terminal.about.cache_folder", "缓存文件夹", "Cache folder"),
    ("terminal.about.package_folder", "程序文件夹", "Package folder"),
    ("fetch.tile", "正在下载第 {number} 块，共 {total} 块", "Fetching tile {number} of {total}"),
    ("fetch.kept", "第 {number} 块沿用已下载的数据（{date}）", "Tile {number} was fetched before (data of {date})"),
    ("fetch.waiting", "服务器繁忙（{reason}），{seconds} 秒后重试", "The server is busy ({reason}); asking again in {seconds} s"),
    ("fetch.done", "已写入 {path}：道路 {streets} 条，数据日期 {date}。{credit}", "Written to {path}: {streets} streets, data of {date}. {credit}"),
    ("terminal.file.route", "路径", "route"),
    # The walk from a home to a facility
    ("route.leave", "从住宅走到道路", "From the home to the street"),
    ("route.street", "沿无名道路", "Along an unnamed street"),
    ("route.street_named", "沿{name}", "Along {name}"),
    ("route.path", "沿步行道", "Along a footpath"),
    ("route.path_named", "沿{name}", "Along {name}"),
    ("route.stairs", "走台阶", "By stairs"),
    ("route.stairs_named", "走{name}的台阶", "By the stairs of {name}"),
    ("route.enter", "从道路走到设施", "From the street to the facility"),
    ("route.heading", "{heading}{way}", "{way}, {heading}"),
    ("route.to_east", "向东", "east"),
    ("route.to_northeast", "向东北", "northeast"),
    ("route.to_north", "向北", "north"),
    ("route.to_northwest", "向西北", "northwest"),
    ("route.to_west", "向西", "west"),
    ("route.to_southwest", "向西南", "southwest"),
    ("route.to_south", "向南", "south"),
    ("route.to_southeast", "向东南", "southeast"),
    ("route.title", "住宅 {home} 到{service}“{facility}”", "Home {home} to {service} “{facility}”"),
    ("route.no_title", "住宅 {home} 到{service}", "Home {home} to {service}"),
    ("route.nearest", "最近的一处", "the nearest one"),
    ("route.named", "指定的一处", "the one asked for"),
    ("route.total", "步行 {metres} 米，{minutes} 分钟（{walker}，{speed:g} 米/秒）", "{metres} m on foot, {minutes} min ({walker}, {speed:g} m/s)"),
    ("route.untitled", "住宅 {home} 到{service}，资料中无名称", "Home {home} to {service}, without a name in the data"),
    ("route.detour", "直线距离 {straight} 米，绕行系数 {ratio}", "{straight} m in a straight line, detour ratio {ratio}"),
    ("route.no_detour", "直线距离 {straight} 米", "{straight} m in a straight line"),
    ("route.covered", "{minutes} 分钟要求（{document} {clause}）：已覆盖", "Requirement of {minutes} min ({document} {clause}): covered"),
    ("route.uncovered", "{minutes} 分钟要求（{document} {clause}）：未覆盖，超出 {beyond} 分钟", "Requirement of {minutes} min ({document} {clause}): not covered, {beyond} min too far"),
    ("route.unreached", "{minutes} 分钟要求（{document} {clause}）：未覆盖", "Requirement of {minutes} min ({document} {clause}): not covered"),
    ("route.no_data", "{minutes} 分钟要求（{document} {clause}）：数据不足", "Requirement of {minutes} min ({document} {clause}): insufficient data"),
    ("route.step", "走法", "Step"),
    ("route.step_metres", "米", "m"),
    ("route.step_minutes", "分钟", "min"),
    ("route.parts", "用时构成（分钟）", "Where the time goes (min)"),
    ("route.part.level", "平地步行", "Walking on the level"),
    ("route.part.access", "住宅和设施到道路", "Between doors and streets"),
    ("route.part.slope", "坡度", "Slope"),
    ("route.part.stairs", "台阶", "Stairs"),
    ("route.part.crossing", "过街等候", "Waiting at crossings"),
    ("route.waits", "（{kinds}）", " ({kinds})"),
    ("route.between", "，", ", "),
    ("route.wait.signal", "信号灯 {times} 处", "{times} at signals"),
    ("route.wait.zebra", "斑马线 {times} 处", "{times} at zebra crossings"),
    ("route.wait.unmarked", "无标线过街处 {times} 处", "{times} at unmarked crossings"),
    ("route.wait.none", "无过街设施 {times} 处", "{times} without any aid"),
    ("route.home_unjoined", "住宅距步行道路过远，未接入路网，无法计算路径", "The home is too far from any walkable street and is not joined to the network"),
    ("route.no_facility", "资料中没有这类设施", "The input holds no facility of this kind"),
    ("route.facility_unjoined", "设施距步行道路过远，未接入路网", "The facility is too far from any walkable street and is not joined to the network"),
    ("route.no_way", "路网不连通：两地之间没有可步行的道路，或被单向、门禁阻断", "No walkable street leads there: the network is not connected, or a one-way or a gate bars the way"),
    # The map
    ("map.title", "{title}步行可达性评估图", "{title}: walking access"),
    ("map.between", "，", ", "),
    ("map.language", "zh-CN", "en"),
    ("map.untitled", "未命名", "unnamed"),
    ("map.service", "设施类型", "Service"),
    ("map.limit", "步行时限", "Walking limit"),
    ("map.limit_minutes", "{minutes} 分钟", "{minutes} min"),
    ("map.limit_required", "{minutes} 分钟（标准要求）", "{minutes} min (the standard's)"),
    ("map.colour_by", "着色方式", "Colour homes by"),
    ("map.by_minutes", "步行时间", "walking time"),
    ("map.by_cover", "是否覆盖", "covered or not"),
    ("map.headline", "{minutes} 分钟步行可达居民", "residents within a {minutes}-minute walk"),
    ("map.headline_people", "{covered} / {total} 人", "{covered} of {total}"),
    ("map.no_figure", "无法判定", "unknown"),
    ("map.demand", "目标 ≥ {share}", "target ≥ {share}"),
    ("map.no_demand", "非标准时限", "not the standard's limit"),
    ("map.clause", "{document} {clause}", "{document} {clause}"),
    ("map.recalled", "条文未核原文，引用前请核对", "Check the clause against the printed standard before quoting it"),
    ("map.legend", "图例", "Legend"),
    ("map.legend_minutes", "住宅：步行至最近设施的时间", "Homes: walking time to the nearest"),
    ("map.legend_cover", "住宅：{minutes} 分钟内是否可达", "Homes: within {minutes} min or not"),
    ("map.legend_share", "居民占比", "of residents"),
    ("map.cells", "住宅较多，按 {metres} 米方格汇总：时间取居民加权中位数。图例占比按逐栋住宅计算。", "Homes are gathered into {metres} m squares, coloured by the residents' median time. The legend's shares are counted home by home."),
    ("map.within", "≤ {minutes} 分钟", "≤ {minutes} min"),
    ("map.between_limits", "{low}–{high} 分钟", "{low}–{high} min"),
    ("map.beyond", "> {minutes} 分钟", "> {minutes} min"),
    ("map.unreachable", "步行不可达", "cannot be reached on foot"),
    ("map.unjoined", "未接入路网", "not joined to the streets"),
    ("map.covered", "已覆盖", "covered"),
    ("map.partly_covered", "部分覆盖", "partly covered"),
    ("map.uncovered", "未覆盖", "not covered"),
    ("map.layers", "图层", "Layers"),
    ("map.group_base", "底图", "Background"),
    ("map.group_today", "现状", "Today"),
    ("map.group_future", "规划", "Planning"),
    ("map.layer_streets", "步行道路", "Walkable streets"),
    ("map.layer_districts", "分区界线", "District boundaries"),
    ("map.layer_homes", "住宅", "Homes"),
    ("map.layer_facilities", "现状设施", "Existing facilities"),
    ("map.layer_isochrones", "步行等时圈", "Walking isochrones"),
    ("map.layer_gaps", "缺口片区", "Gap areas"),
    ("raster.travel_time", "步行至最近的{service}所需时间（秒）", "Walking time to the nearest {service} (seconds)"),
    ("map.layer_candidates", "候选点位", "Candidates"),
    ("map.layer_plan", "建议选址", "Proposed sites"),
    ("map.notes", "说明", "Notes"),
    ("map.estimate_residents_estimated", "居民数为估算", "Residents are an estimate"),
    ("map.estimate_residents_spread", "居民分布为估算", "How residents are spread over homes is an estimate"),
    ("map.estimate_residents_from_households", "居民数由户数推算", "Residents follow from households"),
    ("map.estimate_households_estimated", "户数为估算", "Households are an estimate"),
    ("map.made", "生成日期：{date}", "Made on {date}"),
    ("map.walker", "步行速度：{speed:g} 米/秒（{name}）", "Walking speed: {speed:g} m/s ({name})"),
    ("map.walking", "步行假设：{assumptions}", "Assumed of walking: {assumptions}"),
    ("map.one_gate", "出入口不详的小区各仅设一处出入口时 {share}", "{share} if compounds whose gates are unknown have a single gate each"),
    ("map.one_gate_unmet", "出入口不详的小区各仅设一处出入口时 {share}，不达标", "{share}, not met, if compounds whose gates are unknown have a single gate each"),
    ("map.uncertain", "路网资料边缘以外如有设施，可能达标", "Might be met if there are facilities beyond the end of the data"),
    ("map.standard", "评估标准：{title}（{edition}）", "Standard: {title} ({edition})"),
    ("map.north", "北", "N"),
    ("map.fold", "收起或展开图例", "Fold or unfold the legend"),
    ("map.residents", "居民", "Residents"),
    ("map.people", "{count} 人", "{count}"),
    ("map.home", "住宅 {id}", "Home {id}"),
    ("map.cell", "方格（{homes} 处住宅）", "Square ({homes} homes)"),
    ("map.district", "分区", "District"),
    ("map.minutes", "{minutes} 分钟", "{minutes} min"),
    ("map.share_covered", "已覆盖 {share}", "{share} covered"),
    ("map.facility_services", "服务类型", "Services"),
    ("map.facility_residents", "就近服务居民", "Residents nearest to it"),
    ("map.facility_unjoined", "未接入路网，未计入", "Not joined to the streets, takes no part"),
    ("map.gap", "缺口片区 {rank}", "Gap area {rank}"),
    ("map.gap_homes", "住宅", "Homes"),
    ("map.gap_median", "步行时间中位数", "Median walk"),
    ("map.candidate", "候选点位 {id}", "Candidate {id}"),
    ("map.cost", "造价", "Cost"),
    ("map.cost_wan_yuan", "{cost} 万元", "{cost} × 10,000 yuan"),
    ("map.floor", "建筑面积", "Floor area"),
    ("map.floor_m2", "{floor} 平方米", "{floor} m²"),
    ("map.site", "第 {rank} 处：{name}", "Site {rank}: {name}"),
    ("map.site_marginal", "新增覆盖居民", "Residents it adds"),
    ("map.site_cumulative", "累计新增覆盖", "Added so far"),
    ("map.site_share", "建成后覆盖率", "Share covered after it"),
    # The page
    ("page.name", "15分钟生活圈规划工作台", "Living Circle planning desk"),
    ("page.language", "语言", "Language"),
    ("page.study", "研究", "Study"),
    ("page.service", "设施类型", "Service"),
    ("page.all_services", "全部设施类型", "All services"),
    ("page.district", "分区", "District"),
    ("page.whole_study", "总体", "Whole study"),
    ("page.nothing_found", "无匹配项", "No match"),
    ("page.computing", "正在计算", "Computing"),
    ("page.computing_stage", "正在计算：{stage}", "Computing: {stage}"),
    ("page.subtitle", "{standard}（{edition}）；{walker}，步行速度 {speed:g} 米/秒", "{standard} ({edition}); {walker}, walking at {speed:g} m/s"),
    ("page.between", "、", ", "),
    ("page.between_clauses", "；", ". "),
    ("page.estimates", "{reasons}。依据见“数据说明”。", "{reasons}. The panel Data says how this was done."),
    ("page.estimate_residents_estimated", "居民数为估算，不得作为正式人口数引用", "Residents are an estimate, not an official count"),
    ("page.estimate_residents_spread", "居民在各住宅间的分布为估算", "How residents are spread over homes is an estimate"),
    ("page.estimate_residents_from_households", "居民数由户数推算，不得作为正式人口数引用", "Residents follow from households, not from an official count"),
    ("page.estimate_households_estimated", "户数为估算，不得作为正式户数引用", "Households are an estimate, not an official count"),
    ("page.trial", "当前为试算结果，与研究文件的设定不同：{changes}。", "These are trial results that differ from the study file: {changes}."),
    ("page.trial_speed", "步行速度 {speed:g} 米/秒（研究文件为 {before:g}）", "walking speed {speed:g} m/s (study file: {before:g})"),
    ("page.trial_sites", "{service}新增 {sites} 处（研究文件为 {before}）", "{service}: {sites} new sites (study file: {before})"),
    ("page.tile_residents", "居民", "Residents"),
    ("page.tile_residents_estimated", "居民（估算）", "Residents (estimate)"),
    ("page.tile_residents_note", "住宅 {homes} 处", "in {homes} homes"),
    ("page.people", "{count} 人", "{count}"),
    ("page.tile_facilities", "设施", "Facilities"),
    ("page.places", "{count} 处", "{count}"),
    ("page.tile_facilities_note", "步行道路 {kilometres} 公里", "on {kilometres} km of walkable street"),
    ("page.tile_met", "达标", "Requirements met"),
    ("page.tile_met_of", "{met} / {all} 条", "{met} of {all}"),
    ("page.tile_met_note", "不达标 {unmet} 条，数据不足 {no_data} 条", "{unmet} not met, {no_data} with insufficient data"),
    ("page.tile_in", "{tile}（{place}）", "{tile} ({place})"),
    ("page.tile_lowest", "覆盖率最低", "Lowest coverage"),
    ("page.tile_service", "居民覆盖率", "Residents covered"),
    ("page.tile_service_note", "{service}，{minutes} 分钟步行", "{service}, {minutes}-minute walk"),
    ("page.panel_map", "地图", "Map"),
    ("page.panel_coverage", "覆盖率", "Coverage"),
    ("page.panel_verdicts", "达标判定", "Verdicts"),
    ("page.panel_gaps", "缺口片区", "Gaps"),
    ("page.panel_plan", "建议选址", "Sites"),
    ("page.panel_data", "数据说明", "Data"),
    ("page.map_name", "步行可达性地图", "Map of walking access"),
    ("page.limit", "步行时限", "Walking limit"),
    ("page.limit_standard", "按标准", "The standard's"),
    ("page.minutes", "{minutes} 分钟", "{minutes} min"),
    ("page.coverage_by_service", "各类设施覆盖率：{place}", "Coverage by service: {place}"),
    ("page.coverage_by_district", "{service}覆盖率：各分区", "Coverage by district: {service}"),
    ("page.coverage_by_limit", "{service}覆盖率：{place}，各时限", "Coverage by limit: {service}, {place}"),
    ("page.coverage_note", "逐栋住宅沿步行路网计算，步行时间不超过时限即为覆盖。竖线为目标覆盖率。同一居民只计一次。", "Computed along the streets for every home: a home is covered when its walk does not exceed the limit. The upright mark is the target share. Nobody is counted twice."),
    ("page.verdicts_of", "达标判定：{place}", "Verdicts: {place}"),
    ("page.verdicts_by_district", "各分区居民覆盖率与判定", "Share of residents covered and verdict by district"),
    ("page.verdict_short", "缺 {count} 人", "{count} short"),
    ("page.basis", "依据与核对情况", "Clause and how it was verified"),
    ("page.about_standard", "关于本标准", "About this standard"),
    ("page.gaps_of", "缺口片区（按居民数由多到少）", "Gap areas, the most residents first"),
    ("page.gaps_note", "片区内的住宅步行至最近设施均超过标准时限。片区内居民按设施类型分别计，不可相加。", "Homes in these areas are farther from the nearest facility than the standard allows. Residents are counted once per service and must not be added up."),
    ("page.gaps_none", "没有超过标准时限的住宅片区。", "No group of homes lies beyond the standard's limit."),
    ("page.gaps_district", "缺口片区按研究范围整体划定，此处不按分区筛选。", "Gap areas are drawn for the whole study and are not filtered by district."),
    ("page.first_rows", "共 {rows} 行，此处列出前 {shown} 行，其余见下载的表格。", "The first {shown} of {rows} rows; the rest are in the workbook."),
    ("page.position", "位置（经度，纬度）", "Place (longitude, latitude)"),
    ("page.unreachable", "多数不可达", "mostly unreachable"),
    ("page.plan_title", "{service}：新增 {sites} 处", "{service}: {sites} new sites"),
    ("page.plan_result", "{minutes} 分钟步行范围内，居民覆盖率由 {before} 提高到 {after}，新增覆盖 {value} 人。", "Within a {minutes}-minute walk, the share of residents covered rises from {before} to {after}: {value} more people."),
    ("page.plan_optimal", "已证明最优", "Proven optimal"),
    ("page.plan_optimal_note", "同样数量的选址，不可能覆盖更多居民。", "No choice of as many sites covers more residents."),
    ("page.plan_feasible", "距最优不超过 {gap}", "Within {gap} of the best possible"),
    ("page.plan_feasible_note", "在限定时间内未证明最优；任何同样数量的选址最多新增覆盖 {bound} 人。", "Not proven optimal in the time allowed: no choice of as many sites adds more than {bound} people."),
    ("page.plan_nothing", "无需新增", "Nothing to gain"),
    ("page.plan_nothing_note", "候选点位能覆盖的住宅，现有设施均已覆盖。", "Existing facilities already cover every home that a candidate could."),
    ("page.plan_none", "研究文件没有为此设置选址任务。", "The study file asks for no sites here."),
    ("page.plan_junctions", "点位取自住宅附近的路口，只指示方位，落位须另行踏勘。", "Sites are street junctions near homes: they show where to look, not which plot to take."),
    ("page.plan_district", "选址按研究范围整体计算，此处不按分区筛选。", "Sites are chosen for the whole study and are not filtered by district."),
    ("page.data_warnings", "引用结果前须知", "What to know before quoting results"),
    ("page.data_no_warnings", "没有数据提示。", "There are no warnings."),
    ("page.data_inputs", "输入文件", "Input files"),
    ("page.data_method", "计算方法", "Method"),
    ("page.data_attribution", "数据来源", "Data attribution"),
    ("page.data_run", "本次计算", "This run"),
    ("page.run_made", "计算时间（UTC）", "Computed at (UTC)"),
    ("page.run_seconds", "用时", "Time taken"),
    ("page.seconds", "{seconds} 秒", "{seconds} s"),
    ("page.run_settings", "设定摘要（SHA-256）", "Digest of the settings (SHA-256)"),
    ("page.run_crs", "坐标参考系", "Coordinate reference system"),
    ("page.run_versions", "软件版本", "Software versions"),
    ("page.downloads", "下载", "Download"),
    ("page.download_tables", "表格（Excel）", "Tables (Excel)"),
    ("page.download_map", "地图（网页文件）", "Map (web page)"),
    ("page.download_geopackage", "空间数据（GeoPackage）", "Spatial data (GeoPackage)"),
    ("page.download_study", "研究文件（YAML）", "Study file (YAML)"),
    ("page.trial_title", "试算", "What if"),
    ("page.trial_walk", "步行速度（米/秒）", "Walking speed (m/s)"),
    ("page.trial_count", "{service}：新增处数", "{service}: new sites"),
    ("page.trial_run", "试算", "Compute"),
    ("page.trial_reset", "恢复研究文件的设定", "Back to the study file"),
    ("page.faults_title", "研究无法打开：{count} 处问题", "Problems that keep the study from opening: {count}"),
    ("page.faults_note", "以下问题须全部改正；未计算，未写出任何成果。改正后按浏览器“刷新”。", "All of these must be put right; nothing was computed or written. Then reload the page."),
    ("page.fault_file", "文件", "File"),
    ("page.fault_row", "行", "Row"),
    ("page.fault_column", "列或键", "Column or key"),
    ("page.fault_value", "值", "Value"),
    ("page.fault_problem", "问题", "Problem"),
    ("page.fault_remedy", "处理办法", "Remedy"),
    ("page.no_study_title", "没有找到研究文件", "No study file was found"),
    ("page.no_study_note", "请把研究文件（YAML）放入 {folder}，或在启动命令后写明其路径，然后按浏览器“刷新”。", "Put a study file (YAML) into {folder}, or name one on the command line; then reload the page."),
    ("page.defect_title", "程序出错，本页未能显示", "Something went wrong in the program"),
    ("page.defect_note", "您的数据没有被改动。请按浏览器“刷新”重试；如仍出现，请把下面的内容发给维护人员。", "Your data are unchanged. Reload the page to try again; if it happens again, send the lines below to the maintainers."),
    # Checks
    ("check.title", "数据检查报告", "Check of the input data"),
    ("check.passed", "检查通过，可以计算", "Fit for use"),
    ("check.passed_warnings", "检查通过，可以计算；另有 {warnings} 条提示，引用结果前请阅读", "Fit for use. Warnings to read before quoting results: {warnings}"),
    ("check.failed", "未通过，不能计算：{faults} 处错误、{warnings} 条提示", "Not fit for use. Faults: {faults}; warnings: {warnings}"),
    ("check.whole", "整个研究", "The study as a whole"),
    ("check.other", "其他文件", "other file"),
    ("check.rows", "{rows} 行", "rows: {rows}"),
    ("check.layer", "图层或工作表“{layer}”", "layer or sheet “{layer}”"),
    ("check.columns", "列：", "Columns: "),
    ("check.faults", "错误 {count}", "faults: {count}"),
    ("check.warnings", "提示 {count}", "warnings: {count}"),
    ("check.notes", "说明 {count}", "notes: {count}"),
    ("check.clean", "无问题", "nothing to report"),
    ("check.severity.fault", "错误", "fault"),
    ("check.severity.warning", "提示", "warning"),
    ("check.severity.note", "说明", "note"),
    ("check.at_row", "第{row}行", "row {row}"),
    ("check.at_value", "“{value}”", " “{value}”"),
    ("check.times", "{count} 处", "times: {count}"),
    ("check.more", "等 {count} 处", "{count} in all"),
    ("check.more_groups", "另有 {count} 类问题未列出，见 --html 或 --excel 报告", "{count} more kinds are not listed here; see the report of --html or --excel"),
    ("check.more_rows", "另有 {count} 处未列出，见 Excel 报告（--excel）", "{count} more are not listed here; see the Excel report (--excel)"),
    ("check.files", "文件", "Files"),
    ("check.file", "文件", "File"),
    ("check.role", "用途", "Used as"),
    ("check.format", "格式", "Format"),
    ("check.encoding", "文字编码", "Encoding"),
    ("check.crs", "坐标系", "Coordinate system"),
    ("check.datum", "坐标基准", "Datum"),
    ("check.row_count", "行数", "Rows"),
    ("check.field", "内容", "Content"),
    ("check.in_column", "文件中的列", "Column in the file"),
    ("check.severity", "级别", "Severity"),
    ("check.row", "行", "Row"),
    ("check.column", "列", "Column"),
    ("check.value", "值", "Value"),
    ("check.problem", "问题", "Problem"),
    ("check.remedy", "处理办法", "Remedy"),
    ("check.go", "查看", "Go to"),
    ("check.made", "检查时间", "Checked"),
    ("check.version", "软件版本", "Software"),
    ("check.result", "结论", "Result"),
    ("check.people", "居民", "Residents"),
    ("check.households", "户数", "Households"),
    ("check.homes", "住宅", "Homes"),
    ("check.facilities", "设施", "Facilities"),
    ("check.candidates", "候选点位", "Candidates"),
    ("check.districts", "分区", "Districts"),
    ("check.streets", "步行道路", "Walkable streets"),
    ("check.persons_of", "{count} 人", "{count}"),
    ("check.households_of", "{count} 户", "{count}"),
    ("check.places_of", "{count} 处", "{count}"),
    ("check.kilometres_of", "{count} 公里", "{count} km"),
    ("check.understood", "数据概况", "What was understood"),
    ("check.not_loaded", "有错误未更正，尚不能汇总人口和设施。", "Totals of people and facilities follow once the faults are put right."),
    ("check.contents", "各文件", "File by file"),
    ("check.list", "问题清单", "List of problems"),
    ("check.overview", "概况", "Overview"),
    ("check.legend", "错误须更正后才能计算；提示会随全部成果一并给出；说明只讲文件是怎样读懂的。", "Faults must be put right before anything is computed; warnings go along with every result; notes only say how files were understood."),
    ("check.cut", "本表只列前 {rows} 行和其后有问题的行，文件共 {all} 行", "Only the first {rows} rows and later rows with problems are shown; the file has {all}"),
    ("check.list_cut", "只列前 {rows} 条，共 {all} 条", "Only the first {rows} of {all} are listed"),
    ("check.file_row", "文件行号", "Row in the file"),
    ("check.point_x", "代表点 X", "x of a point in it"),
    ("check.point_y", "代表点 Y", "y of a point in it"),
    ("check.back", "返回概况", "Back to the overview"),
    ("check.page", "网页报告", "report as a page"),
    ("check.book", "Excel 报告", "report as a workbook"),
    ("field.id", "编号", "Id"),
    ("field.name", "名称", "Name"),
    ("field.lon", "经度", "Longitude"),
    ("field.lat", "纬度", "Latitude"),
    ("field.residents", "居民数", "Residents"),
    ("field.households", "户数", "Households"),
    ("field.service", "服务类型", "Service type"),
    ("field.floor_m2", "建筑面积", "Floor area"),
    ("field.levels", "层数", "Levels"),
    ("field.cost_wan_yuan", "费用（万元）", "Cost (10,000 yuan)"),
    ("field.status", "状态", "Status"),
    ("field.through", "可否穿行", "May be walked through"),
    ("field.who", "通行对象", "Who may pass"),
    ("field.hours", "开放时间", "Opening hours"),
    ("field.compound", "小区编号", "Compound"),
    ("field.year", "年份", "Year"),
    ("field.capacity", "容量", "Capacity"),
    ("field.beds", "床位数", "Beds"),
    ("field.staff", "工作人员数", "Staff"),
    ("field.usable_m2", "使用面积", "Usable area"),
    ("field.address", "地址", "Address"),
    ("field.code", "区划代码", "Division code"),
    ("field.level", "级别", "Level"),
    ("field.opened_year", "开办年份", "Year of opening"),
    ("field.closed_year", "关闭年份", "Year of closing"),
    ("field.land_m2", "用地面积", "Land"),
    ("field.typecode", "高德分类编码", "Amap typecode"),
    ("field.type_text", "高德分类名称", "Amap type"),
    ("field.height_metres", "建筑高度", "Height"),
    ("field.residential_share", "居住占比", "Residential share"),
    ("field.use", "用途", "Use"),
    ("field.parent", "上级代码", "Parent code"),
    ("terminal.file.page", "网页报告", "report as a page"),
    ("terminal.file.book", "Excel 报告", "report as a workbook"),
    # New studies
    ("new.study.yaml", "研究配置，逐项有说明", "the study file, every key explained"),
    ("new.homes.xlsx", "住宅（必填）", "homes (needed)"),
    ("new.facilities.xlsx", "设施（必填）", "facilities (needed)"),
    ("new.districts.xlsx", "各分区人口（可选；分区界线须另备面图层）", "people of the districts (optional; their outlines must come as polygons)"),
    ("new.gates.xlsx", "小区出入口（可选）", "gates of compounds (optional)"),
    ("new.candidates.xlsx", "候选点位（可选）", "candidates (optional)"),
    ("new.next", "填好表格、放入路网（streets.osm.pbf）后运行：living-circle check study.yaml", "Fill in the sheets, put the streets (streets.osm.pbf) beside them, then: living-circle check study.yaml"),
)
# fmt: on
