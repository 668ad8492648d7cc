"""Facilities and the services they offer."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "unknown_facility": FaultKind(
        "fault",
        "没有编号为“{value}”的设施",
        "no facility has the id “{value}”",
        "编号见成果的设施表（facilities），相近的有：{nearest}",
        "Ids are those of the table of facilities; like this one: {nearest}",
    ),
    "service_not_located": FaultKind(
        "fault",
        "{service_zh}不公开点位，不提供步行路线",
        "the places of this service are not published; no walk to them is shown: {service_en}",
        "请查看各分区的覆盖结果，或改选其他服务",
        "See its coverage by district, or choose another service",
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
    "merged_duplicates": FaultKind(
        "warning",
        "{count} 处设施在 OSM 中重复标注，已与同一设施合并",
        "{count:|facility is|facilities are} mapped more than once in OSM and {count:?was|were} merged",
        "如属不同设施，请在 OSM 中以不同名称标注",
        "Where they differ in truth, give them different names in OSM",
    ),
    "unknown_status": FaultKind(
        "fault",
        "看不懂设施状态“{value}”",
        "“{value}” is no status of a facility that is understood",
        "请写开放（open）、规划（planned）或关闭（closed）；留空按开放计",
        "Write open (开放), planned (规划) or closed (关闭); empty counts as open",
    ),
    "bad_year": FaultKind(
        "fault",
        "“{value}”中没有年份",
        "there is no year in “{value}”",
        "请填写四位年份，如 2018；未知请留空",
        "Write a year of four digits such as 2018; leave it empty where unknown",
    ),
    "closed_by_year": FaultKind(
        "note",
        "{count} 处设施填有关闭年份而未填状态，按已关闭处理（第 {rows} 行）",
        "{count:|facility has|facilities have} a year of closing and no status, and {count:?counts|count} as closed ({count:?row|rows} {rows})",
        "仍在开放的，请在状态列注明",
        "Say so in the column of status where one is open",
    ),
    "closed_year_of_open": FaultKind(
        "warning",
        "{count} 处设施填有关闭年份，状态却不是关闭，按状态处理（第 {rows} 行）",
        "{count:|facility has|facilities have} a year of closing but {count:?is|are} not said to be closed; the status stands ({count:?row|rows} {rows})",
        "请核对关闭年份和状态",
        "Compare the year and the status",
    ),
    "closed_left_out": FaultKind(
        "note",
        "{count} 处已关闭的设施不计入",
        "{count:|closed facility is|closed facilities are} left out",
        "如仍在开放，请更正状态",
        "Correct the status where one is open",
    ),
    "planned_left_out": FaultKind(
        "warning",
        "{count} 处规划或在建设施未计入",
        "{count:|planned facility is|planned facilities are} left out",
        "如需计入，请在研究文件的设施一节写明计入规划设施（count_planned: true）",
        "To count them, say so with these facilities in the study file (count_planned: true)",
    ),
    "planned_counted": FaultKind(
        "warning",
        "{count} 处规划或在建设施按已建成计入",
        "{count:|planned facility is|planned facilities are} counted as if {count:?it|they} were open",
        "要评价现状，请去掉 count_planned",
        "Leave out count_planned to assess what there is",
    ),
    "hours_unread": FaultKind(
        "note",
        "{count} 个开放时间不是“08:00-17:30”这样的时段，只照录，不参与计算（{examples}）",
        "{count} opening hours are not one span such as 08:00-17:30; they are kept as written ({examples})",
        "需按时段评价时请改写",
        "Rewrite them where hours matter",
    ),
    "usable_exceeds_floor": FaultKind(
        "warning",
        "{count} 处设施的使用面积大于建筑面积（第 {rows} 行）",
        "{count:|facility has|facilities have} more usable than gross floor area ({count:?row|rows} {rows})",
        "请核对两列是否填反，单位是否一致",
        "See whether the columns were exchanged or differ in unit",
    ),
    "other_services_left_out": FaultKind(
        "note",
        "{count} 处设施只提供本项研究不评价的服务，未计入",
        "{count:|facility offers|facilities offer} only services that this study does not ask for, and {count:?is|are} left out",
        "需要时请在 more_services 中加列，或改用包含这些服务的标准",
        "Add them under more_services, or choose a standard that speaks of them",
    ),
    "classified": FaultKind(
        "note",
        "按名称和分类判定 {count} 行：{kept} 行属于所评价的服务，{other} 行属于其他服务，{unknown} 行判定不出",
        "of {count:|row|rows} told by name and type, {kept} offer services of the study, {other} other services, {unknown} none that is known",
        "判定规则见 docs/facilities.md",
        "docs/facilities.md has the rules",
    ),
    "review_needed": FaultKind(
        "warning",
        "{count} 处设施的服务类型存疑，其中 {assigned} 处暂按判定结果计入",
        "the services of {count:|facility|facilities} are in doubt; {assigned} of them count as they were told",
        "请在成果“设施核对”表的“核对结果”列填写，并以 review 交回",
        "Fill in the column of decisions in the sheet “review” of the results and give it back as `review`",
    ),
    "decisions_used": FaultKind(
        "note",
        "采用核对结果 {count} 条",
        "{count:|decision|decisions} of the review sheet {count:?is|are} used",
        "要重新判定，请清空相应的核对结果",
        "Empty a decision to have the row told again",
    ),
    "stale_decisions": FaultKind(
        "warning",
        "{count} 条核对结果在设施名录中找不到编号、名称都相同的行，未采用（{examples}）",
        "{count:|decision fits|decisions fit} no row of the list by id and name, and {count:?is|are} not used ({examples})",
        "名录改动后请重新核对这些行",
        "Review these rows again since the list has changed",
    ),
    "restricted_left_out": FaultKind(
        "warning",
        "{count} 处设施涉及不得以点位公布的服务（{services_zh}），未计入，也不出现在任何成果中",
        "{count:|facility|facilities} of services that must not be located ({services_en}) {count:?is|are} left out and {count:?appears|appear} in no result",
        "这类服务请按分区统计有无",
        "Report such services by district only",
    ),
    "merged_across_sources": FaultKind(
        "warning",
        "{count} 处设施在多个来源中重复，已合并",
        "{count:|facility occurs|facilities occur} in several entries and {count:?was|were} merged",
        "逐条见成果“合并记录”表；不应合并的，请在名称中注明分院、校区、门店等，或调小 merge_metres",
        "The table “merged” lists them; name branches apart, or lower merge_metres, where two are not one",
    ),
    "areas_entered": FaultKind(
        "note",
        "面状设施 {count} 处：按出入口图层 {stated} 处，按 OSM 出入口 {mapped} 处，按道路与边界的交点 {crossed} 处，按临路边界 {bounded} 处",
        "of {count:|area|areas} {stated} are entered at the stated entrances, {mapped} at those mapped in OSM, {crossed} where streets cross their "
        "outline, {bounded} along the street they lie on",
        "出入口不全的，请以 entrances 图层补充",
        "Give a layer of `entrances` where some are missing",
    ),
}
