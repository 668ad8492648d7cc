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
    ("status.optimal", "已证明最优", "proven optimal"),
    ("status.feasible", "可行解", "feasible"),
    ("status.nothing_to_gain", "无需新增", "nothing to gain"),
    ("verification.read_in_full", "已核对全文", "read in the document itself"),
    ("verification.primary_excerpt", "已核对原文节选", "seen in the document or its scan"),
    ("verification.secondary_match", "据转引资料，未核原文", "from a quotation; check the printed standard"),
    ("verification.single_secondary", "仅有一处转引，未核原文", "from a single quotation; check the printed standard"),
    ("verification.news_match", "据新闻报道，未核原文", "from a news report; check the printed standard"),
    ("verification.recall_cross_checked", "凭记忆录入并交叉比对，未核原文", "recalled and cross-checked; check the printed standard"),
    ("verification.recall_unverified", "凭记忆录入，未核原文", "recalled, check the printed standard"),
    ("role.network", "步行路网", "street network"),
    ("role.homes", "住宅", "homes"),
    ("role.population", "人口格网", "population cells"),
    ("role.facilities", "设施", "facilities"),
    ("role.districts", "分区", "districts"),
    ("role.candidates", "候选点位", "candidates"),
    ("role.standard", "评估标准", "standard"),
    ("role.study", "研究配置", "study file"),
    ("severity.warning", "提示", "warning"),
    ("severity.fault", "错误", "fault"),
    ("truth.true", "是", "yes"),
    ("truth.false", "否", "no"),
    # Names of tables: sheets of the workbook and entries of the dictionary
    ("table.overview", "总览", "Overview"),
    ("table.coverage", "覆盖率", "Coverage"),
    ("table.verdicts", "达标判定", "Verdicts"),
    ("table.gaps", "缺口片区", "Gap areas"),
    ("table.plan", "建议选址", "Proposed sites"),
    ("table.plan_quality", "选址方案质量", "Quality of plans"),
    ("table.facilities", "设施", "Facilities"),
    ("table.candidates", "候选点位", "Candidates"),
    ("table.homes", "住宅", "Homes"),
    ("table.warnings", "数据提示", "Data warnings"),
    ("table.inputs", "输入文件", "Input files"),
    ("table.dictionary", "字段说明", "Data dictionary"),
    # The overview of the workbook
    ("overview.standard", "评估标准", "Standard"),
    ("overview.standard_edition", "{title}（{edition}）", "{title} ({edition})"),
    ("overview.walker", "步行者", "Walker"),
    ("overview.walker_speed", "{name}，{speed:g} 米/秒（{kilometres:.1f} 公里/小时）", "{name}, {speed:g} m/s ({kilometres:.1f} km/h)"),
    ("overview.date", "生成时间（UTC）", "Made at (UTC)"),
    ("overview.residents", "居民数", "Residents"),
    ("overview.homes", "住宅数", "Homes"),
    ("overview.facilities", "设施数", "Facilities"),
    ("overview.met", "达标要求", "Requirements met"),
    ("overview.met_of", "{met} / {all} 条", "{met} of {all}"),
    ("overview.no_data", "数据不足", "Insufficient data"),
    ("overview.no_data_of", "{count} 条，补充资料后方可判定", "{count}; more data are needed to judge them"),
    ("overview.warning", "数据提示", "Data warning"),
    ("overview.estimate", "口径说明", "About the figures"),
    ("overview.elsewhere", "共 {rows} 行，见 {file}", "{rows} rows, in {file}"),
    ("overview.attribution", "数据来源", "Data attribution"),
    ("overview.basis", "计算方法", "Method"),
    ("overview.basis_text", "逐栋住宅沿步行路网计算，步行时间不超过时限即为覆盖；等时圈仅用于示意，不参与计算。", "Walking times are computed along the streets for every home; a home is covered when its time does not exceed the limit. Isochrones are drawings and take no part in the figures."),
    ("overview.unverified", "条文核对", "Wording of clauses"),
    ("overview.unverified_text", "{count} 条要求未核对标准原文，正式引用前请逐条核对。", "The wording of {count} requirements was not seen in the document itself; check each against the printed standard before quoting it."),
    # Stages of a run
    ("stage.standard", "读取标准", "Reading the standard"),
    ("stage.streets", "读取路网", "Reading streets"),
    ("stage.homes", "读取住宅", "Reading homes"),
    ("stage.facilities", "读取设施", "Reading facilities"),
    ("stage.districts", "读取分区", "Reading districts"),
    ("stage.candidates", "读取候选点", "Reading candidates"),
    ("stage.join", "接入路网", "Joining places to streets"),
    ("stage.reach", "计算步行时间与覆盖率", "Computing walks and coverage"),
    ("stage.areas", "绘制等时圈与缺口片区", "Drawing isochrones and gap areas"),
    ("stage.siting", "比选新增点位", "Choosing sites"),
    ("stage.write", "写出成果", "Writing results"),
    # The terminal
    ("terminal.counts", "居民 {residents} 人，住宅 {homes} 处，设施 {facilities} 处，步行道路 {kilometres} 公里", "{residents} residents, {homes} homes, {facilities} facilities, {kilometres} km of walkable street"),
    ("terminal.standard", "{title}（{edition}）；步行速度 {speed:g} 米/秒", "{title} ({edition}); walking at {speed:g} m/s"),
    ("terminal.coverage", "步行可达居民占比与判定", "Residents within walking reach, and verdicts"),
    ("terminal.service", "服务", "Service"),
    ("terminal.limit", "时限（分钟）", "Limit (min)"),
    ("terminal.minutes", "{minutes} 分钟", "{minutes} min"),
    ("terminal.minimum", "要求", "Asked"),
    ("terminal.residents", "居民", "Residents"),
    ("terminal.households", "户", "Households"),
    ("terminal.homes", "住宅", "Homes"),
    ("terminal.verdict", "判定", "Verdict"),
    ("terminal.short", "尚缺居民", "Residents short"),
    ("terminal.clause", "依据（*未核原文）", "Clause (* not checked against the print)"),
    ("terminal.plan", "{service}：{minutes} 分钟步行，新增 {sites} 处", "{service}: {sites} new sites, {minutes} min walk"),
    ("terminal.plan_result", "覆盖率 {before} → {after}，新增覆盖 {value} 人", "coverage {before} → {after}, {value} more residents"),
    ("terminal.plan_optimal", "已证明最优：同样处数不可能更多", "proven optimal: as many sites cannot cover more"),
    ("terminal.plan_feasible", "距最优不超过 {gap}（上界 {bound} 人）", "within {gap} of the best possible (bound {bound})"),
    ("terminal.plan_nothing", "现有设施已覆盖候选点所能覆盖的全部住宅，无需新增", "existing facilities already cover all that candidates could"),
    ("terminal.rank", "序号", "Rank"),
    ("terminal.site", "点位", "Site"),
    ("terminal.marginal", "新增居民", "Adds residents"),
    ("terminal.cumulative", "累计", "So far"),
    ("terminal.no_plans", "研究配置中没有选址任务", "The study asks for no sites"),
    ("terminal.areas", "等时圈面积（平方公里）", "Isochrones (km²)"),
    ("terminal.gaps", "缺口片区：{areas} 处，涉及居民 {residents} 人次（同一居民缺几类服务计几次）", "{areas} gap areas, {residents} residents in them (once per missing service)"),
    ("terminal.warnings", "数据提示（引用结果前请阅读）", "What to know about the data before quoting results"),
    ("terminal.faults", "输入有误，未计算，未写出任何成果：{count} 处", "{count} faults in the input; nothing was computed or written"),
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
    ("map.headline_people", "{covered} 人，共 {total} 人", "{covered} of {total}"),
    ("map.no_figure", "无法判定", "unknown"),
    ("map.demand", "标准要求 ≥ {share}", "the standard asks for ≥ {share}"),
    ("map.no_demand", "此时限不是标准要求", "this limit is not the standard's"),
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
    ("map.layer_candidates", "候选点位", "Candidates"),
    ("map.layer_plan", "建议选址", "Proposed sites"),
    ("map.notes", "说明", "Notes"),
    ("map.estimate", "居民数为估算", "Residents are an estimate"),
    ("map.made", "生成日期：{date}", "Made on {date}"),
    ("map.walker", "步行速度：{speed:g} 米/秒（{name}）", "Walking speed: {speed:g} m/s ({name})"),
    ("map.standard", "评估标准：{title}（{edition}）", "Standard: {title} ({edition})"),
    ("map.north", "北", "N"),
    ("map.fold", "收起或展开图例", "Fold or unfold the legend"),
    ("map.residents", "居民", "Residents"),
    ("map.people", "{count} 人", "{count}"),
    ("map.home", "住宅 {id}", "Home {id}"),
    ("map.cell", "方格（{homes} 处住宅）", "Square ({homes} homes)"),
    ("map.district", "分区", "District"),
    ("map.minutes", "{minutes} 分钟", "{minutes} min"),
    ("map.share_covered", "{share} 已覆盖", "{share} covered"),
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
)
# fmt: on
