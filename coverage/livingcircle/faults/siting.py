"""Candidates, siting tasks, and what a plan has to say beside itself."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    # ── Candidates
    "unknown_candidate_status": FaultKind(
        "fault",
        "“{value}”不是可识别的候选点状态",
        "“{value}” is no known status of a candidate",
        "请改为“候选”“必选”或“不可用”，或留空；如该列另有含义，请在 columns 的 status 中写明正确的列",
        "Write candidate, required or forbidden, or leave it empty; if the column means something else, name the right one in `columns`",
    ),
    "candidate_costs_assumed": FaultKind(
        "warning",
        "{count} 个候选点没有费用，按 missing_cost 估列",
        "{count:|candidate states|candidates state} no cost; what `missing_cost` says is taken",
        "请以实际测算费用替换",
        "Replace it by what was worked out for each",
    ),
    "candidate_costs_unknown": FaultKind(
        "note",
        "{count} 个候选点费用未知",
        "of {count:|candidate|candidates} the cost is not known",
        "按费用比选前请补充费用，或写明 missing_cost",
        "Fill it in before money is to decide, or state `missing_cost`",
    ),
    "candidates_generated": FaultKind(
        "note",
        "沿缺口内道路每 {metres:g} 米一点，共 {total} 点；排除区内剔除 {excluded}，坡度过大剔除 {steep}，距现有设施过近剔除 {near}，"
        "生成候选点 {kept} 个",
        "{total:|point lies|points lie} along streets in the gaps, every {metres:g} m; {excluded} are left out in excluded areas, {steep} as too steep, "
        "{near} as too near to existing facilities: {kept} candidates",
        "这些点只说明往哪里找，不代表有房可用",
        "They show where to look, not what there is to buy",
    ),
    "no_gap_for_candidates": FaultKind(
        "warning",
        "没有可生成候选点的缺口：选址任务所涉服务无未覆盖住宅，或缺口内的点均被剔除",
        "no candidate was generated: the services sought leave no home uncovered, or every point in the gaps was left out",
        "如仍需比选，请缩短时限、放宽剔除条件，或改用候选点图层",
        "Allow a shorter walk, leave out less, or list candidates in a layer",
    ),
    "exclude_tags_need_extract": FaultKind(
        "fault",
        "exclude_tags 只能用于 OpenStreetMap 数据文件的路网",
        "`exclude_tags` needs streets from a file of OpenStreetMap",
        "请改用 exclude 写明面图层",
        "Name layers of polygons in `exclude` instead",
    ),
    # ── Tasks
    "unknown_candidate": FaultKind(
        "fault",
        "没有编号为“{value}”的候选点；相近的有：{nearest}",
        "no candidate has the id “{value}”; near to it: {nearest}",
        "请改正编号",
        "Correct the id",
    ),
    "candidate_decided_twice": FaultKind(
        "fault",
        "候选点“{value}”在图层中标为不可用，任务却要求必选",
        "the layer forbids candidate “{value}”, and the task requires it",
        "请更正其一",
        "Correct one of them",
    ),
    "required_not_possible": FaultKind(
        "fault",
        "必选的候选点“{value}”不能用：{reason_zh}",
        "candidate “{value}”, which is required, cannot be used: {reason_en}",
        "请更正候选点，或从 required 中删去",
        "Correct the candidate, or take it out of `required`",
    ),
    "service_not_sited": FaultKind(
        "fault",
        "{service_zh}不公开点位，不做选址方案",
        "the places of this service are not published; no sites are proposed for it: {service_en}",
        "请从 siting 中删去该项",
        "Take it out of `siting`",
    ),
    "siting_needs_districts": FaultKind(
        "fault",
        "{column} 须按分区计算，但研究没有{level_zh}分区",
        "{column} is counted by district, and the study has no districts{level_en}",
        "请在 districts 中写明分区图层，或改用已有的层级",
        "Name a layer in `districts`, or another level",
    ),
    "candidate_cost_unknown": FaultKind(
        "fault",
        "按费用比选，但 {count} 个可选的候选点费用未知（{examples}）",
        "money is to decide, but of {count:|candidate|candidates} the cost is not known ({examples})",
        "请补充费用，或写明 candidates 的 missing_cost，或不用这些候选点（forbidden）",
        "Fill it in, state `missing_cost` of the candidates, or leave them out (`forbidden`)",
    ),
    "candidate_cost_zero": FaultKind(
        "warning",
        "{count} 个候选点费用为 0（{examples}），按不花钱计",
        "{count:|candidate costs|candidates cost} nothing ({examples}) and {count:?is|are} taken to be free",
        "请确认并非漏填",
        "See that the cost was not simply left out",
    ),
    "candidate_floor_unknown": FaultKind(
        "fault",
        "按建筑面积比选，但 {count} 个可选的候选点面积未知（{examples}）",
        "floor area is to decide, but of {count:|candidate|candidates} it is not known ({examples})",
        "请补充面积，或在 services 中不写 floor_m2",
        "Fill it in, or leave `floor_m2` out of `services`",
    ),
    "capacity_unknown": FaultKind(
        "fault",
        "按服务能力比选，但 {count} 处{place_zh}的服务能力未知（{examples}）",
        "capacities are to decide, but of {count} {place_en} it is not known ({examples})",
        "请补充服务能力，或在任务中写明 capacity、capacity_of_existing",
        "Fill it in, or state `capacity` and `capacity_of_existing` in the task",
    ),
    "capacity_below_home": FaultKind(
        "fault",
        "{count} 个候选点的服务能力不足以服务最小的一处住宅（{examples}）",
        "the capacity of {count:|candidate|candidates} is below what the smallest home needs ({examples})",
        "请核对单位：服务能力按人计",
        "See that it is in persons",
    ),
    "nobody_to_serve": FaultKind(
        "fault",
        "{service_zh}的服务对象人数为 0",
        "nobody is there whom the service is for: {service_en}",
        "请核对年龄组列，或把 group 写为 residents",
        "See that the column of the age group is filled in, or write `group: residents`",
    ),
    "target_out_of_reach": FaultKind(
        "fault",
        "{service_zh}要求{unit_zh}覆盖 {asked:.1%}，但现有设施和全部候选点合计最多覆盖 {best:.1%}",
        "{service_en}: {asked:.1%} are to be covered in {unit_en}, but existing facilities and all candidates together cover {best:.1%} at "
        "most",
        "可行的最高要求为 {best:.1%}；请降低要求、放宽时限，或在该处补充候选点",
        "At most {best:.1%} can be asked for; ask for less, allow a longer walk, or add candidates there",
    ),
    "nothing_unmet": FaultKind(
        "warning",
        "所涉服务没有新增点位可以补齐的不达标条文",
        "no clause is unmet that new places of these services could close",
        "无须选址；其余不达标条文见诊断",
        "No site is needed; see the diagnosis for other clauses",
    ),
    "clause_left_unmet": FaultKind(
        "warning",
        "{service_zh}（条文 {clause}）在 {count} 个单元用现有候选点无法补齐，方案未予考虑：{reason_zh}",
        "{service_en} (clause {clause}) cannot be closed with these candidates in {count:|unit|units}, which the plan leaves out: {reason_en}",
        "请在该处补充候选点",
        "Add candidates there",
    ),
    "homes_beyond_candidates": FaultKind(
        "warning",
        "{count} 处未覆盖住宅（{residents:,.0f} 人）在任何候选点的时限之外，任何方案都不能覆盖",
        "{count:|uncovered home|uncovered homes} ({residents:,.0f|resident|residents}) {count:?is|are} within the limit of no candidate; no plan can cover them",
        "请在其附近补充候选点",
        "Add candidates near them",
    ),
    "plan_no_room": FaultKind(
        "warning",
        "另有 {residents:,.0f} 人在时限之内有设施，但走得到的 {count} 处（{examples}）均已满，没有名额",
        "{residents:,.0f|more person is|more people are} within the limit of a place, but find no room: {count:|place|places} in reach ({examples}) {count:?is|are} full",
        "“仍未覆盖”只数时限之外的人；要容纳这些人，请增加处数、容量或资金",
        "Those still uncovered are beyond the limit only; to take these in, allow more sites, capacity or money",
    ),
    "plan_stopped": FaultKind(
        "warning",
        "按要求中止，给出此前最好的方案及其证明",
        "stopped as asked; this is the best plan so far, with its proof",
        "需要更好的方案请重新计算",
        "Run it again for a better one",
    ),
}
