"""Siting: problems that cannot be solved as they were asked, and what stands in the way of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    # ------------------------------------------------------------------------------------- what is wrong with the problem itself
    "siting_demand_twice": FaultKind(
        "fault",
        "{count} 个备选方案的可达对象重复列出（首个为第 {first} 个）",
        "{count:|option lists|options list} someone {count:?it reaches|they reach} twice (the first is number {first})",
        "请删除可达表中的重复行",
        "Remove the repeated rows from the table of who reaches what",
    ),
    "siting_weight_wrong": FaultKind(
        "fault",
        "{count} 处需求的人数为负或不是数字（首个为第 {first} 处）",
        "{count:|demand has|demands have} a number of people that is negative or no number (the first is number {first})",
        "请核对住户人数",
        "Check the residents of these homes",
    ),
    "siting_weight_zero": FaultKind(
        "warning",
        "{count} 处需求的人数为零，不影响选址",
        "{count:|demand is|demands are} of nobody and {count:?does|do} not count",
        "如应有居民，请核对住户人数",
        "Check the residents of these homes if somebody lives there",
    ),
    "siting_cost_wrong": FaultKind(
        "fault",
        "{count} 个备选方案的造价缺失、为负或不是数字，而本任务须计算造价（首个为第 {first} 个）",
        "{count:|option has|options have} no cost, or one that is negative, while the task is about money (the first is number {first})",
        "请补充造价（万元），或取消预算与最低造价目标",
        "State their cost (10,000 yuan), or ask for neither budget nor least cost",
    ),
    "siting_floor_area_wrong": FaultKind(
        "fault",
        "{count} 个备选方案的面积为负或不是数字（首个为第 {first} 个）",
        "{count:|option has|options have} a floor area that is negative or no number (the first is number {first})",
        "请核对面积（平方米）",
        "Check their floor area (m²)",
    ),
    "siting_option_useless": FaultKind(
        "warning",
        "{count} 个备选方案在步行范围内没有尚需服务的居民（首个为第 {first} 个）",
        "{count:|option has|options have} nobody within {count:?its|their} walk who still needs them (the first is number {first})",
        "如不合常理，请核对其位置和路网连接",
        "Check where they are and how they join the street network if that is a surprise",
    ),
    "siting_pair_of_one": FaultKind(
        "fault",
        "{count} 组间距要求把同一处场地与其自身相比（首个为第 {first} 处场地）",
        "{count:|pair|pairs} of sites too near each other {count:?is|are} one site twice (the first is number {first})",
        "请删除重复的场地",
        "Remove the repeated sites",
    ),
    "siting_bound_inverted": FaultKind(
        "fault",
        "“{name_zh}”的下限 {least:g} 高于上限 {most:g}，或不是数字",
        "the least of “{name_en}”, {least:g}, is above its most, {most:g}, or one of them is no number",
        "请核对上下限",
        "Check both limits",
    ),
    "siting_limit_wrong": FaultKind(
        "fault",
        "{name_zh}为 {amount:g}，不是可用的数值",
        "{name_en} is {amount:g}, which is no usable number",
        "请填写不小于零的数",
        "State a number that is not below zero",
    ),
    "siting_share_of_nobody": FaultKind(
        "fault",
        "求最低覆盖率最高，但没有任何有居民的分区",
        "the best worst share was asked for, but there is no group with anybody in it",
        "请指定分区及其居民",
        "Name the districts and their residents",
    ),
    # -------------------------------------------------------------------------------------------------- what cannot be reached at all
    "siting_floor_unreachable": FaultKind(
        "fault",
        "“{name}”要求覆盖率达到 {asked:.1%}，但即使全部备选场地都启用也只能达到 {reachable:.1%}：{people:,.0f} 人附近没有备选场地",
        "“{name}” asks for {asked:.1%} covered, but even every candidate together reaches {reachable:.1%}: "
        "nothing is within the walk of {people:,.0f} residents",
        "请在其附近增加备选场地，或将要求降至 {reachable:.1%} 以内",
        "Add candidates near them, or ask for no more than {reachable:.1%}",
    ),
    "siting_bound_unreachable": FaultKind(
        "fault",
        "“{name_zh}”要求达到 {asked:g}，但即使全部备选场地都启用也只能达到 {reachable:g}",
        "“{name_en}” asks for {asked:g}, but even every candidate together gives {reachable:g}",
        "请增加备选场地，或将要求降至 {reachable:g} 以内",
        "Add candidates, or ask for no more than {reachable:g}",
    ),
    # ------------------------------------------------------------------------------------------------ conditions that exclude each other
    "siting_nothing_found": FaultKind(
        "fault",
        "限定时间内未找到可行方案，也未能证明无解",
        "no plan was found in the time given, nor that there is none",
        "请延长时限或放宽条件",
        "Give it more time, or ask for less",
    ),
    "siting_conflict": FaultKind(
        "fault",
        "没有可行方案：以下 {count} 项条件不能同时满足，{kept_zh}",
        "there is no plan: the following {count} conditions exclude each other, {kept_en}",
        "请按下列任一项的提示放宽",
        "Relax one of them as said below",
    ),
    "conflict_sites": FaultKind(
        "fault", "至多新增 {asked:.0f} 处场地", "new sites: {asked:.0f} at most", "{relief_zh}", "{relief_en}"
    ),
    "conflict_budget": FaultKind(
        "fault",
        "预算不超过 {asked:g} 万元",
        "a budget of {asked:g} × 10,000 yuan",
        "{relief_zh}",
        "{relief_en}",
    ),
    "conflict_floor": FaultKind(
        "fault",
        "“{name}”覆盖率不低于 {asked:.1%}",
        "at least {asked:.1%} of “{name}” covered",
        "{relief_zh}",
        "{relief_en}",
    ),
    "conflict_bound": FaultKind(
        "fault", "“{name_zh}”{asked_zh}", "“{name_en}” {asked_en}", "{relief_zh}", "{relief_en}"
    ),
    "conflict_apart": FaultKind(
        "fault",
        "新设场地之间的间距{asked_zh}（{pairs} 对场地间距不足：{examples}）",
        "the least distance{asked_en} between new sites ({pairs:|pair lies|pairs lie} nearer: {examples})",
        "{relief_zh}",
        "{relief_en}",
    ),
    "conflict_area": FaultKind(
        "fault",
        "场地“{name}”的面积为 {asked:g} 平方米",
        "the {asked:g} m² of floor at site “{name}”",
        "{relief_zh}",
        "{relief_en}",
    ),
    "conflict_required": FaultKind(
        "fault",
        "必选的 {asked:.0f} 项（{examples}）",
        "required options: {asked:.0f} ({examples})",
        "{relief_zh}",
        "{relief_en}",
    ),
    "conflict_closed": FaultKind(
        "fault",
        "至多关闭 {asked:.0f} 处现有设施",
        "existing facilities closed: {asked:.0f} at most",
        "{relief_zh}",
        "{relief_en}",
    ),
}

RELIEFS: Mapping[str, tuple[str, str]] = {
    "sites": (
        "其他条件不变时，至少需要 {needed:.0f} 处",
        "Where the number of sites may be {needed:.0f} instead of {asked:.0f}, there is a plan",
    ),
    "budget": (
        "其他条件不变时，至少需要 {needed:,.2f} 万元",
        "With {needed:,.2f} instead of {asked:,.2f} (10,000 yuan) there is a plan",
    ),
    "floor": (
        "其他条件不变时，最高可达 {needed:.1%}",
        "With everything else as asked it can reach {needed:.1%}",
    ),
    "bound": (
        "其他条件不变时，最接近的可行值为 {needed:g}",
        "With everything else as asked {needed:g} is the nearest it can be",
    ),
    "apart": (
        "其他条件不变时，至少有 {needed:.0f} 处间距不足",
        "With everything else as asked, the number of sites too near another is {needed:.0f} or more",
    ),
    "area": ("其他条件不变时，至少需要 {needed:g} 平方米", "With everything else as asked it takes {needed:g} m²"),
    "required": (
        "其他条件不变时，至少须放弃其中 {needed:.0f} 项",
        "With everything else as asked, at least {needed:.0f} of them have to be given up",
    ),
    "closed": (
        "其他条件不变时，至少须关闭 {needed:.0f} 处",
        "With everything else as asked, the number to be closed is {needed:.0f} or more",
    ),
    "together": (
        "仅放宽此项仍无可行方案；连同其他各项一并放宽时，此项须为 {shown}",
        "Relaxing this alone is not enough; together with the others it has to become {shown}",
    ),
    "alone": ("仅放宽此项仍无可行方案", "Relaxing this alone is not enough"),
    "unknown": ("限定时间内未能算出应放宽多少", "How much it has to be relaxed was not found in the time given"),
}
"""What would make a plan possible, by family of condition, in Chinese and English."""

BOUNDS: Mapping[str, tuple[str, str]] = {
    "sites_of_service": ("{name}的新增数", "new places of {name}"),
    "required": ("必选场地{name}", "required candidate {name}"),
    "year_sites": ("{name} 年新增场地数", "new sites of {name}"),
    "year_budget": ("{name} 年预算（万元）", "budget of {name} (10,000 yuan)"),
    "once": ("场地{name}的启用次数", "times that {name} is fitted out"),
    "presence": ("{name}的设施数", "places of {name}"),
    "floor_area_short": ("{name}的面积（平方米）", "m² of {name}"),
}
"""What bounds are about, by rule; `name` is that of their subject."""
