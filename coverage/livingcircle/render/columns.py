"""What every column of the tables is called, counted in and means, in Chinese and English.

Machine names are English snake_case with their unit. Some columns of `homes` exist once per service type or requirement; their entry here
ends in `_{service}` or `_{requirement}`.
"""
# ruff: noqa: E501 - a sentence a reader sees is one line, however wide

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from livingcircle.faults import Language
from livingcircle.model.standard import Words
from livingcircle.render.access_columns import ACCESS_COLUMNS
from livingcircle.render.plan_columns import PLAN_COLUMNS

NUMBER_KINDS = ("text", "count", "share", "minutes", "metres", "degrees", "number", "figure")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, unit (empty for text and shares) and meaning, and the kind of number it shows."""

    header: Words
    unit: Words
    meaning: Words
    kind: str

    def display(self, language: Language) -> str:
        """Return header and unit as shown above a table, in one pair of brackets."""
        header, unit = self.header.said(language), self.unit.said(language)
        if not unit:
            return header
        if header.endswith(("）", ")")):
            return f"{header[:-1]}，{unit}）" if language == "zh" else f"{header[:-1]}, {unit})"
        return f"{header}（{unit}）" if language == "zh" else f"{header} ({unit})"


_UNITS = {
    "": Words("", ""),
    "persons": Words("人", "persons"),
    "households": Words("户", ""),  # an English header names what it counts
    "homes": Words("处", ""),
    "places": Words("处", ""),
    "minutes": Words("分钟", "min"),
    "metres": Words("米", "m"),
    "degrees": Words("度", "°"),
    "wan_yuan": Words("万元", "10,000 yuan"),
    "m2": Words("平方米", "m²"),
    "km2": Words("平方公里", "km²"),
    "bytes": Words("字节", "bytes"),
    "seconds": Words("秒", "s"),
    "metres_per_second": Words("米/秒", "m/s"),
    "points": Words("百分点", "points"),
    "km": Words("公里", "km"),
    "resident_minutes": Words("人·分钟", "resident-minutes"),
    "km_per_km2": Words("公里/平方公里", "km/km²"),
    "persons_per_wan_yuan": Words("人/万元", ""),
    "yuan": Words("元", "yuan"),
    "per_km": Words("处/公里", "per km"),
}


def _columns(*entries: tuple[str, str, str, str, str, str, str]) -> Mapping[str, Column]:
    table = {
        name: Column(Words(zh, en), _UNITS[unit], Words(meaning_zh, meaning_en), kind)
        for name, kind, unit, zh, en, meaning_zh, meaning_en in entries
    }
    if len(table) != len(entries):
        raise ValueError("a column is described twice")
    return MappingProxyType(table)


# fmt: off
COLUMNS: Mapping[str, Column] = _columns(
    # Whom and where a row speaks of
    ("scope", "text", "", "范围", "Scope", "总体、分区、下设分区的上级分区，或使用者给出的生活圈；各分区相加为总体，不与上级分区相加", "the whole study, a district, a larger district that is divided into such, or a living circle that was given; districts add up to the whole, larger ones hold them again"),
    ("district_id", "text", "", "分区编号", "District id", "总体或不在任何分区内时为空", "empty for the whole study and for homes in no district"),
    ("district_name", "text", "", "分区", "District", "分区名称", "name of the district"),
    ("district_level", "text", "", "分区层级", "Level", "社区（村）、街道（乡镇）、区县、地级市或省；不详时为空", "community, sub-district, county, prefecture or province; empty where not known"),
    ("parent_id", "text", "", "上级分区编号", "Id of the larger district", "所属上级分区的编号；没有时为空", "id of the district it is part of; empty for none"),
    ("district_within", "text", "", "所属分区", "Part of", "所属各级分区的名称，由小到大", "names of the districts it is part of, the smaller first"),
    ("service_id", "text", "", "设施类型编号", "Service id", "标准中的设施类型编号", "id of the service type in the standard"),
    ("service_zh", "text", "", "设施类型", "Service", "设施类型中文名", "the service type in Chinese"),
    ("service_en", "text", "", "设施类型", "Service", "设施类型英文名", "the service type in English"),
    ("limit_minutes", "number", "minutes", "步行时限", "Walking limit", "步行时间不超过此值即为覆盖", "a walk that does not exceed it is covered"),
    ("limit_metres", "metres", "metres", "步行距离上限", "Limit in metres", "条文按米规定的步行距离；此时“步行时限”是按步行者速度走完所需的时间；条文按分钟规定的为空", "where the clause is in metres; the walking limit is the time they take the walker; empty where it is in minutes"),
    # Many studies merged
    ("study", "text", "", "研究", "Study", "研究文件名；全市合计为空", "name of the study's file; empty for the city as a whole"),
    ("study_title_zh", "text", "", "研究名称", "Title", "研究的中文名称；全市合计为城市名称", "title of the study in Chinese; of the city in rows for the whole"),
    ("study_title_en", "text", "", "研究名称", "Title", "研究的英文名称；全市合计为城市名称", "title of the study in English; of the city in rows for the whole"),
    ("study_status", "text", "", "完成情况", "State", "done 已完成并合并，failed 未完成", "done, and merged, or failed"),
    ("study_faults_zh", "text", "", "未完成原因", "Why it failed", "未完成的原因（中文）", "why the study failed, in Chinese"),
    ("study_faults_en", "text", "", "未完成原因", "Why it failed", "未完成的原因（英文）", "why the study failed"),
    ("share_rank", "count", "", "名次", "Rank", "同一设施、同一时限下按居民覆盖率由高到低的名次，覆盖率相同则名次相同", "rank by the share of residents at this limit of this service, the highest first; equal shares share a rank"),
    ("requirements_met", "count", "", "达标要求数", "Requirements met", "研究总体达标的步行要求条数", "walking requirements that the whole study meets"),
    ("requirements_unmet", "count", "", "不达标要求数", "Requirements not met", "研究总体不达标的步行要求条数", "walking requirements that the whole study does not meet"),
    ("requirements_no_data", "count", "", "数据不足要求数", "Requirements without data", "数据不足、无法判定的步行要求条数", "walking requirements that cannot be judged for want of data"),
    ("requirements_not_applicable", "count", "", "不适用要求数", "Requirements not applicable", "不适用的步行要求条数", "walking requirements that do not apply"),
    ("clauses_met", "count", "", "达标条文数", "Clauses met", "研究总体达标的条文数；分块计算的研究不判定条文", "clauses that the whole study meets; a study in tiles judges none"),
    ("clauses_unmet", "count", "", "不达标条文数", "Clauses not met", "研究总体不达标的条文数", "clauses that the whole study does not meet"),
    ("clauses_no_data", "count", "", "数据不足条文数", "Clauses without data", "数据不足、无法判定的条文数", "clauses that cannot be judged for want of data"),
    ("clauses_not_applicable", "count", "", "不适用条文数", "Clauses not applicable", "不适用的条文数", "clauses that do not apply"),
    ("standard_edition", "text", "", "标准及版本", "Standard and edition", "判定所依标准的编号和版本", "id and edition of the standard it was judged by"),
    ("program_version", "text", "", "程序版本", "Program version", "计算该研究的程序版本", "version of this program that computed it"),
    ("data_days", "text", "", "资料日期", "Days of the data", "开放街图资料的日期，可能有几个", "days the OpenStreetMap data are of"),
    # Coverage
    ("facilities", "count", "places", "设施数", "Facilities", "资料中提供该类服务的设施数；为 0 时无法判定覆盖率", "facilities of this service in the input; with none, coverage is unknown"),
    ("residents", "count", "persons", "居民数", "Residents", "居民数；是否为估算见“数据提示”", "residents; see the data warnings for whether they are estimated"),
    ("residents_covered", "count", "persons", "覆盖居民数", "Residents covered", "住宅已覆盖的居民，各设施服务范围取并集，不重复计", "residents of covered homes; the union of catchments, nobody counted twice"),
    ("residents_share", "share", "", "居民覆盖率", "Share of residents", "覆盖居民数 ÷ 居民数；无居民或无设施资料时为空", "residents covered ÷ residents; empty without residents or without any known facility"),
    ("households", "count", "households", "户数", "Households", "户数；是否为估算见“数据提示”", "households; see the data warnings for whether they are estimated"),
    ("households_covered", "count", "households", "覆盖户数", "Households covered", "住宅已覆盖的户数", "households of covered homes"),
    ("households_share", "share", "", "户覆盖率", "Share of households", "覆盖户数 ÷ 户数", "households covered ÷ households"),
    ("homes", "count", "homes", "住宅数", "Homes", "住宅建筑或住宅点数", "residential buildings or points"),
    ("homes_covered", "count", "homes", "覆盖住宅数", "Homes covered", "步行时间不超过时限的住宅数", "homes whose walk does not exceed the limit"),
    ("homes_share", "share", "", "住宅覆盖率", "Share of homes", "覆盖住宅数 ÷ 住宅数", "homes covered ÷ homes"),
    ("residents_unjoined", "count", "persons", "未接入路网居民数", "Residents not joined", "住宅距步行道路过远、未能接入路网的居民，计为未覆盖", "residents of homes too far from any street; they count as not covered"),
    ("residents_uncertain", "count", "persons", "待定居民数", "Residents uncertain", "未覆盖，但步行时限之内即走到路网资料边缘；资料以外的设施可能覆盖到，故覆盖率介于两者之间", "not covered, but within the limit of where the street data end; a facility beyond might cover them"),
    ("residents_share_highest", "share", "", "居民覆盖率上限", "Highest share of residents", "待定居民全部计为覆盖时的居民覆盖率", "the share if everyone uncertain were covered"),
    ("residents_covered_one_gate", "count", "persons", "居民覆盖下限", "Residents covered at least", "出入口不详的小区均按仅一处出入口计算时覆盖的居民；各小区出入口均已知时为空", "with a single gate for every compound whose gates are unknown; empty where all are known"),
    ("residents_share_one_gate", "share", "", "覆盖率下限（各小区仅一处出入口）", "Lowest share (one gate per compound)", "出入口不详的小区均按仅一处出入口计算时的居民覆盖率；各小区出入口均已知时为空", "with a single gate for every compound whose gates are unknown; empty where all are known"),
    ("age_group", "text", "", "年龄组", "Age group", "年龄组名称，各组可以重叠；全部居民为空", "name of the age group; groups may overlap; empty for all residents"),
    # How far coverage moves with what was assumed
    ("interval_low", "share", "", "居民覆盖率区间下端", "Lowest share in the interval", "各项假设在所列范围内变动时最低的居民覆盖率；是敏感性，不是概率", "the lowest share of residents while assumptions move within their ranges; a sensitivity, no probability"),
    ("interval_high", "share", "", "居民覆盖率区间上端", "Highest share in the interval", "各项假设在所列范围内变动时最高的居民覆盖率；是敏感性，不是概率", "the highest share of residents while assumptions move within their ranges; a sensitivity, no probability"),
    ("driver", "text", "", "主因代码", "Driver", "speed 步行速度，crossing 过街等候，gates 小区出入口，join_cap 接入距离上限；都不引起变动时为空", "speed, crossing (waits), gates or join_cap; empty where none of them moves the share"),
    ("driver_name_zh", "text", "", "主因", "Driver", "引起变动的假设中文名", "the assumption in Chinese"),
    ("driver_name_en", "text", "", "主因", "Driver", "引起变动的假设英文名", "the assumption in English"),
    ("driver_rank", "count", "", "主因位次", "Rank", "按单独变动时引起的变动由大到小；不引起变动的不列", "by how far it moves the share on its own; those that do not are left out"),
    ("driver_points", "number", "points", "单独引起的变动", "Moves by, alone", "只变动这一项假设时，居民覆盖率最高与最低之差", "highest less lowest share of residents when only this is moved"),
    ("driver_low", "share", "", "单独变动时最低", "Lowest, alone", "只变动这一项假设时最低的居民覆盖率", "the lowest share when only this is moved"),
    ("driver_high", "share", "", "单独变动时最高", "Highest, alone", "只变动这一项假设时最高的居民覆盖率", "the highest share when only this is moved"),
    ("member", "text", "", "计算代码", "Member", "base 为本研究取值；其余为所变动的假设及取值方向", "base is the study itself; the others say what is moved, and to which end"),
    ("member_name_zh", "text", "", "计算", "Computed with", "变动的假设与方向，中文", "what is moved and where to, in Chinese"),
    ("member_name_en", "text", "", "计算", "Computed with", "变动的假设与方向，英文", "what is moved and where to, in English"),
    ("speed_metres_per_second", "number", "metres_per_second", "步行速度", "Walking speed", "平路步行速度", "on level ground"),
    ("wait_signal_seconds", "number", "seconds", "信号灯等候", "Wait at signals", "每次过街平均等候", "mean wait for each crossing"),
    ("wait_zebra_seconds", "number", "seconds", "斑马线等候", "Wait at zebras", "无信号灯的斑马线，每次过街平均等候", "mean wait for each crossing without signal"),
    ("wait_tertiary_seconds", "number", "seconds", "横穿支路等候", "Wait across tertiary roads", "无信号灯和斑马线时，每次过街平均等候", "mean wait where there is neither signal nor zebra"),
    ("wait_secondary_seconds", "number", "seconds", "横穿次干路等候", "Wait across secondary roads", "无信号灯和斑马线时，每次过街平均等候", "mean wait where there is neither signal nor zebra"),
    ("wait_primary_seconds", "number", "seconds", "横穿主干路等候", "Wait across primary roads", "无信号灯和斑马线时，每次过街平均等候；含快速路", "mean wait where there is neither signal nor zebra; trunk roads too"),
    ("join_cap_metres", "number", "metres", "接入距离上限", "Joining cap", "住宅和设施距道路超过此值即不接入路网", "a place farther than this from every street is not joined"),
    ("one_gate", "text", "", "改按各仅一处出入口", "One gate each instead", "出入口不详的小区是否改按各仅一处出入口计算；否即本研究自己的假定", "whether compounds with unknown gates count with a single gate each; if not, as the study itself has them"),
    # Across the lines between districts
    ("residents_by_own", "count", "persons", "由本辖区设施覆盖居民数", "Covered by own facilities", "时限之内有本辖区设施的居民", "residents with a facility of their own district within the limit"),
    ("residents_from_outside", "count", "persons", "由辖区外设施覆盖居民数", "Covered from outside only", "时限之内仅有辖区外设施的居民；与前项之和为覆盖居民数", "residents with a facility within the limit outside their district only; with the ones before, all who are covered"),
    ("share_by_own", "share", "", "本辖区设施覆盖率", "Share by own facilities", "只计本辖区设施的居民覆盖率", "the share of residents that the district's own facilities cover"),
    ("outsiders_served", "count", "persons", "服务辖区外居民数", "Outsiders served", "居住在辖区外、时限之内最近设施在本辖区的居民", "residents of elsewhere whose nearest facility, within the limit, lies in this district"),
    # Homes beside a population table
    ("figure", "text", "", "指标", "Figure", "residents 居民数，households 户数，或年龄段", "residents, households or an age group"),
    ("in_homes", "count", "", "住宅合计", "In homes", "区内住宅合计（按人口表调整之前）；住宅无此数字时为空", "sum of the homes in the district, before any scaling to the table; empty where homes do not know"),
    ("in_table", "count", "", "人口表", "In the table", "人口表所列数字", "what the population table says"),
    ("difference", "count", "", "相差", "Difference", "住宅合计减人口表", "in homes less in the table"),
    ("difference_share", "share", "", "相差比例", "Difference, share", "相差 ÷ 人口表", "difference ÷ in the table"),
    # Verdicts
    ("scenario", "text", "", "情景编号", "Scenario id", "情景文件中的编号", "id in the scenario file"),
    ("residents_covered_before", "count", "persons", "现状覆盖居民数", "Residents covered today", "情景变动之前覆盖的居民", "before the scenario changes anything"),
    ("residents_change", "count", "persons", "增减居民数", "Change in residents covered", "情景覆盖居民数减现状覆盖居民数，负数为减少", "covered in the scenario less covered today; negative where fewer are"),
    ("verdict_before", "text", "", "现状判定", "Verdict today", "情景变动之前的判定，代码同“判定”", "before the scenario changes anything; codes as of the verdict"),
    ("change", "text", "", "变动", "Change", "add_site 新增设施，move_facility 设施迁址，close_facility 关闭设施，add_gate 开设出入口，add_crossing 增设过街，add_path 新增步行道，close_street 封闭道路", "what comes, moves or goes"),
    ("homes_changed", "count", "homes", "有变住宅数", "Homes changed", "步行时间或最近设施因这一步变动而不同的住宅", "homes that walk another time or to another facility because of this step"),
    ("required_residents_gained", "count", "persons", "要求内覆盖增减", "Within required limits, gained", "各项要求时限内覆盖居民数之和的增减，按每项服务、每个时限各计一次", "sum over all required services and limits: a resident counts once for each"),
    ("requirement_id", "text", "", "要求编号", "Requirement id", "标准中的要求编号", "id of the requirement in the standard"),
    ("minimum_share", "share", "", "目标覆盖率", "Target share", "达标所需的居民覆盖率；出处见标准说明，未必是条文规定", "the share of residents needed to meet the requirement; the standard's note says whose it is"),
    ("verdict", "text", "", "判定", "Verdict", "met 达标，unmet 不达标，no_data 数据不足（并非不达标），not_applicable 不适用", "met, unmet, no_data (not the same as unmet) or not_applicable"),
    ("unmet_with_one_gate", "text", "", "判定取决于小区出入口", "Verdict depends on gates", "判为达标，但出入口不详的小区均按仅一处出入口计算时不达标", "met, but unmet with a single gate for every compound whose gates are unknown"),
    ("met_if_uncertain_covered", "text", "", "待定居民计入则达标", "Met if the uncertain are covered", "判定为不达标，但待定居民全部计为覆盖时达标：取决于资料以外有无设施", "not met, but met if everyone uncertain were covered: it depends on facilities beyond the end of the data"),
    ("verdict_certain", "text", "", "结论是否稳定", "Verdict certain", "各项假定在其范围内变动时判定不变为是，区间跨过目标为否；未计算区间或未作判定的为空", "whether the verdict stays when assumptions move within their ranges; false where the interval crosses the target, empty without intervals or verdict"),
    ("residents_short", "count", "persons", "尚缺覆盖居民数", "Residents short", "达到要求还须新增覆盖的居民数", "residents still to be covered before the requirement is met"),
    ("document", "text", "", "文件编号", "Document", "要求所在的标准或文件编号", "number of the document that holds the requirement"),
    ("document_title", "text", "", "文件名称", "Document title", "要求所在的标准或文件名称", "title of the document that holds the requirement"),
    ("clause", "text", "", "条款", "Clause", "条款号", "number of the clause"),
    ("quote", "text", "", "条文内容", "Wording", "条文摘录；以“大意”开头的凭记忆录入，不是原文", "wording of the clause, abridged; what was recalled is marked as its substance and is no quotation"),
    ("verification", "text", "", "条文核对情况", "Verification", "条文是否核对过原文；未核原文者引用前请核对", "how well the wording was verified; check it before quoting where it was not"),
    ("verified", "text", "", "已核原文", "Verified", "是否在文件原文中见到该条文", "whether the wording was seen in the document itself"),
    # Checklist
    ("question_zh", "text", "", "核查内容", "Question", "需人工核查的内容（中文）", "what people have to answer, in Chinese"),
    ("question_en", "text", "", "核查内容", "Question", "需人工核查的内容（英文）", "what people have to answer, in English"),
    ("answered", "text", "", "已答复", "Answered", "核查表或登记台账是否已有答复；未答复的条文不作判定", "whether the checklist or a register answers it; without an answer there is no verdict"),
    ("answer_zh", "text", "", "核查答复", "Answer", "答复（中文）；未答复时为空", "the answer, in Chinese; empty where there is none"),
    ("answer_en", "text", "", "核查答复", "Answer", "答复（英文）；未答复时为空", "the answer, in English; empty where there is none"),
    # Homes
    ("home_id", "text", "", "住宅编号", "Home id", "住宅编号", "id of the home"),
    ("lon", "degrees", "degrees", "经度", "Longitude", "WGS 84 经度", "WGS 84 longitude"),
    ("lat", "degrees", "degrees", "纬度", "Latitude", "WGS 84 纬度", "WGS 84 latitude"),
    ("joined", "text", "", "已接入路网", "Joined to the streets", "为“否”时不参与步行计算，步行时间为空", "when false it takes no part and its walking times are empty"),
    ("street_metres", "metres", "metres", "距最近道路", "To the nearest street", "至最近步行道路的直线距离；没有道路时为空", "straight distance to the nearest walkable street; empty when there is none"),
    ("walk_minutes_{service}", "minutes", "minutes", "步行至{service}", "Walk to {service}", "至最近设施的步行时间；未接入路网或不可达时为空", "walking time to the nearest facility; empty when not joined or unreachable"),
    ("unreachable_{service}", "text", "", "{service}步行不可达", "No way to {service}", "住宅已接入路网，但没有任何设施可以步行到达；无设施资料时为空", "the home is joined to the streets, but no facility can be reached on foot; empty without any known facility"),
    ("nearest_facility_{service}", "text", "", "最近的{service}", "Nearest {service}", "步行最近设施的编号", "id of the facility with the shortest walk"),
    ("covered_{requirement}", "text", "", "满足要求：{requirement}", "Within limit: {requirement}", "步行时间是否不超过该要求的时限；无设施资料时为空", "whether the walk does not exceed the requirement's limit; empty without any known facility"),
    ("residents_aged_{age}", "count", "persons", "{age}居民数", "Residents {age}", "该年龄组的居民数", "residents of that age group"),
    ("home_name", "text", "", "住宅名称", "Home", "小区或住宅名称", "name of the estate or home"),
    ("row", "count", "", "行号", "Row", "在所在文件中的行号", "row in its file"),
    ("residential_floor_m2", "number", "m2", "住宅建筑面积", "Residential floor area", "住宅文件注明的建筑面积；未注明时为空", "as the file of homes states it; empty where it does not"),
    ("reason_ids", "text", "", "存疑原因编号", "Reason ids", "存疑原因，以分号分隔", "why the row cannot be right, separated by semicolons"),
    ("reasons_zh", "text", "", "存疑原因", "Reasons", "存疑原因（中文）", "why the row cannot be right, in Chinese"),
    ("reasons_en", "text", "", "存疑原因", "Reasons", "存疑原因（英文）", "why the row cannot be right, in English"),
    ("counted", "text", "", "已计入", "Counted", "为“否”时该行未计入任何结果；为“是”时经用户确认，或仅作提示", "when false the row is left out of all figures; when true the user has confirmed it, or it is merely pointed out"),
    ("cell", "text", "", "人口格网", "Population cell", "格网图层的行号，或人口栅格的行 / 列（自左上角起）", "row of the layer of cells, or row / column of the raster from its upper left"),
    # Facilities and candidates
    ("facility_id", "text", "", "设施编号", "Facility id", "设施编号", "id of the facility"),
    ("facility_name", "text", "", "设施名称", "Facility", "设施名称", "name of the facility"),
    ("services", "text", "", "服务类型编号", "Service ids", "该设施提供的服务类型，以分号分隔", "service types it offers, separated by semicolons"),
    ("services_zh", "text", "", "服务类型", "Services", "该设施提供的服务类型中文名", "the service types it offers, in Chinese"),
    ("services_en", "text", "", "服务类型", "Services", "该设施提供的服务类型英文名", "the service types it offers, in English"),
    ("facility_status", "text", "", "状态", "Status", "开放或规划；资料未注明时按开放计", "open or planned; counted as open where nothing is said"),
    ("opened_year", "number", "", "开办年份", "Opened", "开办年份；未知时为空", "year of opening; empty where unknown"),
    ("closed_year", "number", "", "关闭年份", "Closed", "关闭年份；未知时为空", "year of closing; empty where unknown"),
    ("usable_m2", "number", "m2", "使用面积", "Usable area", "使用面积；未知时为空", "usable floor area; empty where unknown"),
    ("activity_m2", "number", "m2", "居民活动面积", "Activity area", "向居民开放的活动面积；未知时为空", "floor area open to residents' activities; empty where unknown"),
    ("width_metres", "number", "metres", "最小宽度", "Width", "公园、场地最窄处的宽度；未知时为空", "width of a park or ground at its narrowest; empty where unknown"),
    ("classes", "count", "", "班数", "Classes", "学校、幼儿园的班数；未知时为空", "classes of a school or kindergarten; empty where unknown"),
    ("land_m2", "number", "m2", "用地面积", "Land", "用地面积；资料未写明的面状设施按图形计算", "land; of areas without a stated one that of the outline"),
    ("staff", "count", "persons", "工作人员", "Staff", "工作人员数；未知时为空", "persons who work there; empty where unknown"),
    ("capacity", "count", "", "容量", "Capacity", "学位、座位或服务人数；未知时为空", "school places, seats or persons served; empty where unknown"),
    ("beds", "count", "", "床位", "Beds", "床位数；未知时为空", "beds; empty where unknown"),
    ("hours", "text", "", "开放时间", "Hours", "开放时间，照录原文", "opening hours as written"),
    ("address", "text", "", "地址", "Address", "地址，照录原文", "address as written"),
    ("confidence", "share", "", "把握", "Confidence", "服务类型判定的把握；来源直接写明类型的为 100 %", "how sure the services are; 100 % where the source states them"),
    ("source", "text", "", "来源", "Source", "设施所在的文件；合并的以在先来源为准", "file the facility is from; of merged ones the first"),
    ("reason", "text", "", "判定依据", "Reason", "服务类型据以判定的内容", "what the services were told from"),
    ("alternatives", "text", "", "其他可能的编号", "Other ids", "考虑过而未采用的服务类型编号", "ids of service types that were considered and not taken"),
    ("alternatives_zh", "text", "", "其他可能", "Alternatives", "考虑过而未采用的服务类型中文名", "service types that were considered and not taken, in Chinese"),
    ("alternatives_en", "text", "", "其他可能", "Alternatives", "考虑过而未采用的服务类型英文名", "service types that were considered and not taken, in English"),
    ("decision", "text", "", "核对结果", "Decision", "请填写服务类型（几类以分号分隔）；判定无误填“对”，都不是填“无”。以 review 交回后按此执行", "write the services, separated by semicolons, or ok, or none; given back as `review`, it stands"),
    ("kept_id", "text", "", "保留设施编号", "Kept id", "合并后保留的设施", "the facility that stays"),
    ("merged_id", "text", "", "并入设施编号", "Merged id", "并入其中的设施", "the facility taken into it"),
    ("kept_name", "text", "", "保留设施名称", "Kept name", "保留设施在来源中的名称", "its name in its source"),
    ("merged_name", "text", "", "并入设施名称", "Merged name", "并入设施在来源中的名称", "its name in its source"),
    ("distance_metres", "metres", "metres", "相距", "Apart", "两处记录的直线距离", "straight distance between the two entries"),
    ("rule", "text", "", "合并规则", "Rule", "判为同一设施的规则", "the rule by which they are one"),
    ("nearest_homes", "count", "homes", "就近住宅数", "Homes nearest to it", "以该设施为任一类服务步行最近点的住宅数，不重复计", "homes for which it is the nearest of any of its services, each counted once"),
    ("nearest_residents", "count", "persons", "就近居民数", "Residents nearest to it", "上述住宅的居民数", "residents of those homes"),
    ("candidate_id", "text", "", "候选点编号", "Candidate id", "候选点编号", "id of the candidate"),
    ("candidate_name", "text", "", "候选点名称", "Candidate", "候选点名称", "name of the candidate"),
    ("former_use", "text", "", "用途", "Use", "候选点资料所列用途", "what it is or was used for, as listed"),
    ("may_hold", "text", "", "可设服务编号", "May hold (ids)", "可设的服务，以分号分隔；不限时为空", "services that may move in, separated by semicolons; empty where any may"),
    ("may_hold_zh", "text", "", "可设服务", "May hold", "可设的服务中文名；不限时为空", "services that may move in, in Chinese; empty where any may"),
    ("may_hold_en", "text", "", "可设服务", "May hold", "可设的服务英文名；不限时为空", "services that may move in, in English; empty where any may"),
    ("candidate_status", "text", "", "候选状态", "Status", "候选、必选或不可用", "candidate, required or forbidden"),
    ("origin", "text", "", "来由", "Origin", "沿缺口内道路生成的候选点：道路、缺口和最近的未覆盖住宅", "of points generated in gaps: street, gap and the nearest uncovered home"),
    ("cost_wan_yuan", "number", "wan_yuan", "造价", "Cost", "造价；未知时为空", "cost; empty where unknown"),
    ("area_km2", "number", "km2", "等时圈面积", "Isochrone area", "可在时限内步行到达该类设施的范围；仅用于示意，不参与计算", "from where the service is within the limit; a drawing, no basis of figures"),
    ("floor_m2", "number", "m2", "建筑面积", "Floor area", "建筑面积；未知时为空", "floor area; empty where unknown"),
    # Gaps
    ("gap_rank", "count", "", "缺口序号", "Rank of gap", "同一要求下按居民数由多到少排列", "within one requirement, the most residents first"),
    ("median_walk_minutes", "minutes", "minutes", "步行时间中位数", "Median walk", "片区内住宅步行时间中位数；半数以上不可达时为空", "median walking time of its homes; empty when most of them cannot reach any"),
    # Diagnosis of gaps
    ("gap_id", "text", "", "清单编号", "Listed as", "问题清单编号，与输入数据的行序无关", "id in the gap list, whatever the order of the input"),
    ("gap_name_zh", "text", "", "片区", "Area", "片区名称：小区、道路、分区或不足的设施（中文）", "name of the area after a compound, streets, a district or the facility that falls short, in Chinese"),
    ("gap_name_en", "text", "", "片区", "Area", "片区名称：小区、道路、分区或不足的设施（英文）", "name of the area after a compound, streets, a district or the facility that falls short, in English"),
    ("place_rank", "count", "", "序号", "Rank", "按缺口程度由重到轻排列", "the most severe first"),
    ("severity_resident_minutes", "number", "resident_minutes", "缺口程度", "Severity", "居民数 × 超出时限的分钟数之和；步行时间最多按时限的两倍计。设施不足的为所涉人数 × 时限 × 所缺比例", "sum of residents × minutes beyond the limit; no walk counts as longer than twice the limit. Where facilities fall short: people × limit × the share missing"),
    ("services_missing", "count", "", "缺少服务类数", "Services missing", "步行时限内到达不了，或设施不足的服务类数", "service types that are not within the limit, or fall short there"),
    ("lacking_ids", "text", "", "所缺服务编号", "Ids of what is lacking", "时限内步行到达不了，或设施不足的服务类型，以分号分隔，最严重的在前", "service types not within the limit, or falling short there, separated by semicolons, the gravest first"),
    ("lacking_zh", "text", "", "所缺服务", "Lacking", "时限内步行到达不了，或设施不足的服务类型（中文）", "service types not within the limit, or falling short there, in Chinese"),
    ("lacking_en", "text", "", "所缺服务", "Lacking", "时限内步行到达不了，或设施不足的服务类型（英文）", "service types not within the limit, or falling short there, in English"),
    ("cause", "text", "", "主要成因", "Main cause", "按规定次序检验得出的唯一主要成因，见 gaps 文档", "the one main cause, by tests in a fixed order"),
    ("cause_share", "share", "", "成因占比", "Share of cause", "该成因所涉居民占未覆盖居民的比例", "share of the residents not covered whom it concerns"),
    ("causes_zh", "text", "", "成因构成", "Causes", "各成因所涉居民占比（中文）", "causes with their shares of residents, in Chinese"),
    ("causes_en", "text", "", "成因构成", "Causes", "各成因所涉居民占比（英文）", "causes with their shares of residents, in English"),
    ("remedy_kind", "text", "", "措施", "Kind of remedy", "能使半数以上居民达标的最省措施；均不能时取效果最大者", "the cheapest that brings half of the residents in time, else the one that brings most"),
    ("cost_class", "count", "", "费用等级", "Cost class", "0 案头工作，1 协调管理，2 小型工程或人员经费，3 存量改扩建，4 新建；为本软件的排序，不是造价", "0 desk work, 1 an order, 2 a small work or pay, 3 building within walls that stand, 4 building; a ranking, no price"),
    ("residents_gained", "count", "persons", "措施使达标居民", "Residents it brings", "措施实施后全研究范围内新达标的居民，经完整重算", "all residents it brings within the limit, by a full recomputation"),
    ("residents_closed", "count", "persons", "其中本片区居民", "Of these in the area", "措施实施后本片区新达标的居民", "those of them who live in the area"),
    ("closed_share", "share", "", "本片区解决比例", "Share of the area", "本片区新达标居民占片区居民的比例", "share of the area's residents whom it brings in time"),
    ("remedy_lon", "degrees", "degrees", "措施经度", "Longitude of remedy", "措施位置的 WGS 84 经度", "WGS 84 longitude of the remedy"),
    ("remedy_lat", "degrees", "degrees", "措施纬度", "Latitude of remedy", "措施位置的 WGS 84 纬度", "WGS 84 latitude of the remedy"),
    ("trials", "count", "", "试算次数", "Tried out", "为该片区试算过的出入口和过街设施数", "gates and crossings that were tried out for it"),
    ("straight_metres", "metres", "metres", "直线距离", "Straight distance", "至最近设施的直线距离；不公开点位的服务为空", "straight distance to the nearest facility; empty for services that are not shown as points"),
    ("walk_minutes", "minutes", "minutes", "步行时间", "Walk", "至最近设施的步行时间；不可达时为空", "walk to the nearest facility; empty where there is none"),
    ("walk_to_straight", "number", "", "绕行系数", "Detour ratio", "步行距离与直线距离之比", "walk over straight distance"),
    ("freed_minutes", "minutes", "minutes", "去除阻隔后步行时间", "Walk without the cause", "去除该成因后的步行时间；成因不可去除时为空", "walk with the cause out of the way; empty where it cannot be taken out"),
    ("people_lacking", "count", "persons", "所涉人数", "People concerned", "无位可用者，或设施不足时时限内的居民", "those without a place, or the residents in time of what falls short"),
    ("people_gained", "count", "persons", "措施惠及人数", "People it helps", "措施实施后有位可用或达标的人数", "people who have a place, or what the clause asks, with the remedy in place"),
    ("amount", "number", "", "数量", "Amount", "尚缺数量，单位见“单位”列", "how much is missing, in the unit beside it"),
    ("amount_unit", "text", "", "单位", "Unit", "数量的单位", "unit of the amount"),
    # Completeness of the network
    ("network_grade", "text", "", "路网完整性", "Completeness of the network", "A 好，B 较好，C 一般，D 差；取各项指标中最差者，分级界限为本软件的判断，并非标准规定", "A good, B fair, C moderate, D poor: that of the worst measure; the bounds are our judgement, no standard sets them"),
    ("weakest", "text", "", "决定等级的指标", "Decided by", "各项指标中最差的一项", "the worst of the measures"),
    ("street_kilometres", "number", "km", "步行道路长度", "Walkable streets", "可步行道路总长", "length of all walkable streets"),
    ("homes_far_share", "share", "", "距道路过远的住宅", "Homes far from streets", "距所有步行道路超过50米的住宅占比", "share of homes more than 50 m from every walkable way"),
    ("residents_far_share", "share", "", "距道路过远的居民", "Residents far from streets", "住宅距所有步行道路超过50米的居民占比", "share of residents whose home is more than 50 m from every walkable way"),
    ("compounds", "count", "places", "1公顷以上小区", "Compounds of a hectare or more", "研究所列、面积1公顷及以上的小区数；未列小区时为空", "compounds of a hectare or more that the study names; empty where it names none"),
    ("compound_km_per_km2", "number", "km_per_km2", "小区内道路密度", "Path density in compounds", "上述小区内步行道路密度的中位数", "median density of walkable ways inside these compounds"),
    ("compounds_without_path", "count", "places", "内部无路的小区", "Compounds without a path", "上述小区中内部没有任何步行道路的小区数", "how many of these compounds hold no walkable way at all"),
    ("parts", "count", "places", "路网分块数", "Parts of the network", "互不连通的路网块数；延伸到资料边缘的计入主网", "pieces that nothing joins; those at the edge of the data count as the main one"),
    ("apart_share", "share", "", "与主网不连通的道路", "Streets apart from the main network", "主网以外的道路长度占比", "share of street length outside the main network"),
    ("dead_ends_per_km", "number", "per_km", "断头路", "Dead ends", "每公里道路的断头处数，不计小区出入口和资料边缘", "dead ends per km of street, without gates of compounds and the edge of the data"),
    ("dropped_share", "share", "", "因通行标签排除的道路", "Streets closed by tags", "标为禁止步行而未计入的道路长度占比", "share of street length that is closed to walkers by its tags and left out"),
    ("private_share", "share", "", "私有道路", "Private streets", "标为私有、不得穿行的道路长度占比", "share of walkable length that is private, where no walk leads through"),
    ("paths_share", "share", "", "步行道占比", "Footpaths", "步行道、小路、台阶、步行街占步行道路长度的比例；只含车行道路的图层接近于零", "share of walkable length that is footways, paths, steps or pedestrian streets; a layer of roads for cars has next to none"),
    ("says_zh", "text", "", "说明", "In words", "路网完整性各项指标（中文）", "grade and measures in a sentence, in Chinese"),
    ("says_en", "text", "", "说明", "In words", "路网完整性各项指标（英文）", "grade and measures in a sentence, in English"),
    ("means_zh", "text", "", "对结果的影响", "What it means", "等级为一般或差时，对步行时间意味着什么（中文）", "what a moderate or poor grade means for walking times, in Chinese"),
    ("means_en", "text", "", "对结果的影响", "What it means", "等级为一般或差时，对步行时间意味着什么（英文）", "what a moderate or poor grade means for walking times, in English"),
    # Data
    ("severity", "text", "", "级别", "Severity", "提示不影响计算，但使用结果者应当知晓", "a warning does not stop the run, but whoever uses the results must know it"),
    ("kind", "text", "", "提示类型", "Kind", "提示的编号", "id of the warning"),
    ("place_zh", "text", "", "位置", "Place", "文件、行、列（中文）", "file, row and column, in Chinese"),
    ("place_en", "text", "", "位置", "Place", "文件、行、列（英文）", "file, row and column, in English"),
    ("problem_zh", "text", "", "情况", "Problem", "情况说明（中文）", "what is the matter, in Chinese"),
    ("problem_en", "text", "", "情况", "Problem", "情况说明（英文）", "what is the matter, in English"),
    ("remedy_zh", "text", "", "建议", "Remedy", "处理建议（中文）", "what to do about it, in Chinese"),
    ("remedy_en", "text", "", "建议", "Remedy", "处理建议（英文）", "what to do about it, in English"),
    ("role", "text", "", "用途", "Role", "文件在研究中的用途", "what the file is used for"),
    ("file", "text", "", "文件", "File", "文件路径", "path of the file"),
    ("sha256", "text", "", "SHA-256", "SHA-256", "文件摘要，可用于核对是否为同一文件", "digest of the file, to prove it is the same one"),
    ("size_bytes", "count", "bytes", "大小", "Size", "文件大小", "size of the file"),
    # Clauses
    ("rule_id", "text", "", "条文编号", "Rule id", "标准中的条文编号", "id of the rule in the standard"),
    ("mark", "text", "", "核对标记", "Mark", "※ 表示该条未见原文（转引或凭记忆录入），引用前须与印刷文本核对；已见原文的为空", "※ where the clause was not seen in print (quoted or recalled): check it before use; empty where it was"),
    ("system_zh", "text", "", "服务系统", "System", "服务系统（中文）", "branch of services, in Chinese"),
    ("system_en", "text", "", "服务系统", "System", "服务系统（英文）", "branch of services, in English"),
    ("metric", "text", "", "指标", "Metric", "按什么衡量", "what is measured"),
    ("binding", "text", "", "约束力", "Binding", "应执行、推荐、目标或基期值；只有应执行条文计入 --fail-if-unmet；是否强制性条文（黑体）见“强制性条文”列", "mandatory, advisory, a target or a baseline; only mandatory ones count for --fail-if-unmet"),
    ("compulsory", "text", "", "强制性条文", "Compulsory", "文件中以黑体标明、必须严格执行的条文", "whether the document marks the clause as one that must be carried out strictly"),
    ("rule_level", "text", "", "条文层级", "Written for", "条文针对的层级；各层级要求同时适用", "what the clause is written for; the demands of all levels apply together"),
    ("statistic", "text", "", "统计方式", "Statistic", "逐个单元均须达到、平均达到，或合计达到", "whether each unit must pass, their mean, or all together"),
    ("measure", "text", "", "距离口径", "Distance", "条文写服务半径的，按步行路网判定，直线结果另列", "where the text speaks of a service radius, the walk decides and the straight line stands beside it"),
    ("comparison", "text", "", "比较方式", "Comparison", "现状与要求怎样比较", "how what was found is compared with what is asked"),
    ("basis", "text", "", "文件·条款", "Document and clause", "要求所在的文件和条款", "the document and its clause"),
    ("requirement_zh", "text", "", "要求", "Asked", "条文对该单元的要求，写成一句（中文）", "what the clause asks of the unit, in a sentence, in Chinese"),
    ("requirement_en", "text", "", "要求", "Asked", "条文对该单元的要求，写成一句（英文）", "what the clause asks of the unit, in a sentence, in English"),
    ("judged_zh", "text", "", "单元", "Unit judged", "判定所对的分区；全域指整个研究范围", "the district that was judged, or the whole study, in Chinese"),
    ("judged_en", "text", "", "单元", "Unit judged", "判定所对的分区（英文）", "the district that was judged, or the whole study"),
    ("found_zh", "text", "", "现状", "As it is", "现状，含单位；步行类条文为规定比例的居民所需的时间或距离；“—”为未知（中文）", "what was found, with its unit, in Chinese"),
    ("found_en", "text", "", "现状", "As it is", "现状，含单位（英文）", "what was found, with its unit; of walking rules the time or distance that the asked share of residents need; a dash where unknown"),
    ("asked_zh", "text", "", "标准", "As asked", "条文规定的值，含单位（中文）", "the value the clause asks for, with its unit, in Chinese"),
    ("asked_en", "text", "", "标准", "As asked", "条文规定的值，含单位（英文）", "the value the clause asks for, with its unit"),
    ("difference_zh", "text", "", "差额", "Difference", "缺多少、超出多少，达标的还有余多少，含单位（中文）", "what is missing, too much or to spare, with its unit, in Chinese"),
    ("difference_en", "text", "", "差额", "Difference", "缺多少、超出多少，达标的还有余多少，含单位（英文）", "what is missing, too much or to spare, with its unit"),
    ("explained_zh", "text", "", "补救、原因", "Remedy and reason", "不达标的最省补救，以及判定所依据的假定或未能判定的原因（中文）", "the cheapest remedy where it is not met, and what the verdict assumes or why there is none, in Chinese"),
    ("explained_en", "text", "", "补救、原因", "Remedy and reason", "补救和原因（英文）", "the cheapest remedy where it is not met, and what the verdict assumes or why there is none"),
    ("checked_zh", "text", "", "核实情况", "Wording checked", "条文是否见于原文；带 ※ 的引用前须与印刷文本核对（中文）", "whether the wording was seen in the document; ※ marks what must be checked against print, in Chinese"),
    ("checked_en", "text", "", "核实情况", "Wording checked", "条文是否见于原文（英文）", "whether the wording was seen in the document; ※ marks what must be checked against print"),
    ("value", "figure", "", "现状值", "Found", "现状，单位见“计量单位”；占比以 1 为全部；步行类条文为规定比例的居民所需的时间或距离；未知时为空", "what was found, in the unit beside it; shares as a fraction of 1; of walks the time or distance that the share of residents asked for needs; empty where unknown"),
    ("threshold", "figure", "", "要求值", "Threshold", "对该单元的要求值；条文未写数字时为空", "what was asked of the unit; empty where the text names no figure"),
    ("threshold_highest", "figure", "", "要求值上限", "Highest threshold", "条文为区间时的上限", "the upper end where the clause names a range"),
    ("margin", "figure", "", "余量", "Margin", "优于要求多少；为负即不足", "how far on the good side; negative where it is not"),
    ("measured_in_zh", "text", "", "计量单位", "Unit", "现状值、要求值和余量的单位（中文）；占比和有无为空", "unit of value, threshold and margin, in Chinese; empty for shares and for what is there or not"),
    ("measured_in_en", "text", "", "计量单位", "Unit", "现状值、要求值和余量的单位（英文）；占比和有无为空", "unit of value, threshold and margin, in English; empty for shares and for what is there or not"),
    ("supply", "figure", "", "供给", "Supply", "比值的分子，如合格面积合计；不是比值时为空", "what stands above the line of a ratio, such as the floor area that counts"),
    ("demand", "figure", "", "需求", "Demand", "比值的分母，如户数、居民数", "what stands below the line of a ratio, such as households or residents"),
    ("shortfall", "figure", "", "缺口", "Short of", "还差多少，单位见“缺口单位”；达标为 0，未知为空", "how much is missing, in the unit beside it; 0 where met, empty where unknown"),
    ("excess", "figure", "", "超出", "Exceeds by", "超出允许值多少，单位同缺口，不计入缺口；达标为 0，未知为空", "by how much what is allowed is exceeded, in the unit of what is short, never counted as missing; 0 where met, empty where unknown"),
    ("short_in_zh", "text", "", "缺口单位", "Unit of what is short", "缺口和超出的单位（中文）", "unit of what is missing or too much, in Chinese"),
    ("short_in_en", "text", "", "缺口单位", "Unit of what is short", "缺口和超出的单位（英文）", "unit of what is missing or too much, in English"),
    ("radius_value", "figure", "", "直线半径结果", "By straight lines", "条文写服务半径时按直线计算的同一指标，仅供对照", "the same by straight lines where the text speaks of a service radius; to compare with only"),
    ("within_residents_share", "share", "", "限内居民占比", "Residents within", "步行条文：限内居民 ÷ 居民；其余条文为空", "of walking rules: residents within the limit ÷ residents; empty for all others"),
    ("within_households_share", "share", "", "限内户占比", "Households within", "步行条文：限内户数 ÷ 户数；其余条文为空", "of walking rules: households within the limit ÷ households; empty for all others"),
    ("within_homes_share", "share", "", "限内住宅占比", "Homes within", "步行条文：限内住宅 ÷ 住宅；其余条文为空", "of walking rules: homes within the limit ÷ homes; empty for all others"),
    ("within_land_share", "share", "", "限内住宅用地占比", "Residential land within", "步行条文：限内住宅基底 ÷ 住宅基底；有住宅无基底面积时为空", "of walking rules: footprint of homes within the limit ÷ footprint of homes; empty where some home has none"),
    ("reason_code", "text", "", "原因代码", "Reason code", "未作判定的原因代码", "code of the reason why there is no verdict"),
    ("why_zh", "text", "", "原因", "Why", "未作判定的原因（中文）", "why there is no verdict, in Chinese"),
    ("why_en", "text", "", "原因", "Why", "未作判定的原因（英文）", "why there is no verdict, in English"),
    ("evidence_count", "count", "places", "计入设施数", "Facilities counted", "判定时计入的设施数", "facilities that were counted for the verdict"),
    ("evidence", "text", "", "计入设施编号", "Facilities", "判定时计入的设施编号；不得公布点位的服务不列", "ids of the facilities that were counted; none of services that may not be shown as points"),
    ("evidence_withheld", "text", "", "编号不公开", "Withheld", "计入的设施属不得公布点位的服务，编号不列", "whether the facilities counted may not be shown as points"),
    ("deadline", "text", "", "期限", "Deadline", "文件规定的完成期限", "by when the document wants it"),
    ("dispute_id", "text", "", "争议编号", "Dispute", "所涉条文争议的编号，见“条文争议”表", "id of the dispute that touches the clause, see the table of disputes"),
    ("unit_as_printed", "text", "", "原文单位", "Unit as printed", "原文所写的单位", "unit as the text has it"),
    ("units_met", "count", "", "达标单元", "Units met", "判为达标的单元数，不含总体", "units where it is met, without the whole study"),
    ("units_unmet", "count", "", "不达标单元", "Units not met", "判为不达标的单元数", "units where it is not met"),
    ("units_excess", "count", "", "超出单元", "Units above", "不达标单元中，数值超出上限的单元数", "of the units where it is not met, those above the upper end"),
    ("units_no_data", "count", "", "数据不足单元", "Units without data", "数据不足、未作判定的单元数", "units where the data do not suffice for a verdict"),
    ("units_not_applicable", "count", "", "不适用单元", "Units it does not apply to", "不适用的单元数", "units it does not apply to"),
    ("rules_met", "count", "", "达标条文", "Clauses met", "该分区达标的条文数", "clauses the district meets"),
    ("rules_unmet", "count", "", "不达标条文", "Clauses not met", "该分区不达标的条文数", "clauses the district does not meet"),
    ("rules_no_data", "count", "", "数据不足条文", "Clauses without data", "该分区数据不足的条文数", "clauses the data do not suffice for"),
    ("rules_not_applicable", "count", "", "不适用条文", "Clauses that do not apply", "不适用于该分区的条文数", "clauses that do not apply to the district"),
    ("applies_when", "text", "", "适用条件", "Applies when", "条文适用条件的编号；空为无条件", "id of the condition under which the clause applies; empty for none"),
    ("note_zh", "text", "", "解读", "Note", "条文如何理解（中文）", "how the clause is read, in Chinese"),
    ("note_en", "text", "", "解读", "Note", "条文如何理解（英文）", "how the clause is read, in English"),
    ("documents", "text", "", "所涉文件", "Documents", "争议所涉文件的编号", "ids of the documents concerned"),
    ("topic_zh", "text", "", "事项", "Topic", "争议事项（中文）", "what it is about, in Chinese"),
    ("topic_en", "text", "", "事项", "Topic", "争议事项（英文）", "what it is about, in English"),
    ("finding_zh", "text", "", "不一致之处", "Finding", "不一致之处（中文）", "what contradicts what, in Chinese"),
    ("finding_en", "text", "", "不一致之处", "Finding", "不一致之处（英文）", "what contradicts what, in English"),
    ("treatment_zh", "text", "", "处理办法", "Treatment", "本工具的处理办法（中文）", "how it was treated, in Chinese"),
    ("treatment_en", "text", "", "处理办法", "Treatment", "本工具的处理办法（英文）", "how it was treated, in English"),
    ("rules_touched", "count", "", "所涉条文数", "Clauses", "本标准中涉及该争议的条文数", "clauses of the standard that it touches"),
    ("readings_zh", "text", "", "各种读法的结果", "Readings", "各种读法的要求、现状和判定（中文）", "what each reading asks, what was found, and the verdict, in Chinese"),
    ("readings_en", "text", "", "各种读法的结果", "Readings", "各种读法的要求、现状和判定（英文）", "what each reading asks, what was found, and the verdict, in English"),
    ("exempt", "text", "", "答复为不适用", "Does not apply", "答复人填“不适用”", "whether the answer was that it does not apply"),
    ("told_by", "text", "", "填报人", "Told by", "填报人或单位", "who gave the answer"),
    ("told_on", "text", "", "填报日期", "Told on", "填报日期", "when the answer was given"),
    ("remark", "text", "", "说明", "Remark", "填报人的说明", "what the person added"),
    *PLAN_COLUMNS,
    *ACCESS_COLUMNS,
    # The dictionary itself
    ("table", "text", "", "表", "Table", "所在的表", "table the column is in"),
    ("column", "text", "", "字段", "Column", "机器可读的字段名", "name of the column for machines"),
    ("header_zh", "text", "", "名称", "Header", "中文名称", "header in Chinese"),
    ("header_en", "text", "", "名称", "Header", "英文名称", "header in English"),
    ("unit_zh", "text", "", "单位", "Unit", "单位（中文）", "unit in Chinese"),
    ("unit_en", "text", "", "单位", "Unit", "单位（英文）", "unit in English"),
    ("meaning_zh", "text", "", "含义", "Meaning", "含义（中文）", "meaning in Chinese"),
    ("meaning_en", "text", "", "含义", "Meaning", "含义（英文）", "meaning in English"),
)
# fmt: on

_TEMPLATED = tuple((name.split("{")[0], name) for name in COLUMNS if name.endswith("}"))


def column_entry(name: str) -> tuple[str, str]:
    """Return the entry of `COLUMNS` that describes column `name`, and the service or requirement it is about ("" for none).

    Raises
    ------
    KeyError
        When the column is not described: every column of every table must be.
    """
    if name in COLUMNS:
        return name, ""
    for prefix, entry in _TEMPLATED:
        if name.startswith(prefix):
            return entry, name.removeprefix(prefix)
    raise KeyError(name)
