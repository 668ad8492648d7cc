"""Problems of serving: who walks to which site."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "serving_weight": FaultKind(
        "fault",
        "{count} 处需求的人数为 0、为负或缺失（序号 {examples}）",
        "{count:|demand has|demands have} no people, fewer than none, or no number (positions {examples})",
        "请补充人数，或删去这些需求",
        "Fill in how many they are, or leave them out",
    ),
    "serving_cost": FaultKind(
        "fault",
        "{count} 处需求到设施的步行时间为负或缺失（需求序号 {examples}）",
        "{count:|demand has|demands have} walks that are negative or no number (positions {examples})",
        "请重新计算步行时间表",
        "Compute the table of walks again",
    ),
    "serving_unserved_cost": FaultKind(
        "fault",
        "{count} 处需求未获服务时的代价为负或缺失（序号 {examples}）",
        "for {count:|demand|demands}, what it costs to leave them unserved is negative or no number (positions {examples})",
        "请填写不小于 0 的数；必须服务的写无穷大",
        "State a number of at least 0, or infinity where they have to be served",
    ),
    "serving_twice": FaultKind(
        "fault",
        "{count} 处需求重复列出同一候选点（需求序号 {examples}）",
        "{count:|demand lists|demands list} an option more than once (positions {examples})",
        "每处需求对同一候选点只保留一条",
        "Keep one entry for each demand and option",
    ),
    "serving_capacity": FaultKind(
        "fault",
        "{count} 个点位的服务能力为负或缺失（序号 {examples}）",
        "the capacity of {count:|option|options} is negative or no number (positions {examples})",
        "请补充服务能力；不限的写无穷大",
        "Fill it in, or write infinity where there is no limit",
    ),
    "serving_price": FaultKind(
        "fault",
        "{count} 个点位的费用为负、无穷大或缺失（序号 {examples}）",
        "the cost of {count:|option|options} is negative, infinite or no number (positions {examples})",
        "请补充费用",
        "Fill it in",
    ),
    "serving_unreached": FaultKind(
        "fault",
        "{count} 处必须服务的需求（{people:,.0f} 人）在任何可用点位的范围之外（序号 {examples}）",
        "{count:|demand|demands} that {count:?has|have} to be served ({people:,.0f} people) {count:?is|are} within reach of no option that may be open (positions {examples})",
        "请在其附近补充候选点、放宽时限，或允许其不获服务",
        "Add candidates near them, allow a longer walk, or let them go unserved",
    ),
    "serving_needs_places": FaultKind(
        "fault",
        "必须服务 {needed:,.0f} 人，而全部点位合计只能服务 {places:,.0f} 人，缺 {short:,.0f} 个名额",
        "{needed:,.0f} people have to be served, and all options together can take {places:,.0f}: {short:,.0f} places are short",
        "请扩大服务能力、补充候选点，或减少必须服务的人数",
        "Raise capacities, add candidates, or ask for fewer people to be served",
    ),
    "serving_needs_places_near": FaultKind(
        "fault",
        "必须服务 {needed:,.0f} 人；名额总数够，但在各自可达范围内只有 {places:,.0f} 人能得到名额，缺 {short:,.0f} 个",
        "{needed:,.0f} people have to be served; there are places enough in all, but within reach only {places:,.0f} find one: "
        "{short:,.0f} are short",
        "请在名额不足处补充候选点，或放宽时限",
        "Add candidates where places are short, or allow a longer walk",
    ),
    "serving_needs_sites": FaultKind(
        "fault",
        "至少需要新增 {needed:,.0f} 处，任务只允许 {allowed:,.0f} 处",
        "the number of sites it needs is {needed:,.0f}, and the task allows {allowed:,.0f}",
        "请把数量上限提高到至少 {needed:,.0f} 处，或减少必须满足的要求",
        "Allow at least {needed:,.0f}, or ask for less",
    ),
    "serving_needs_money": FaultKind(
        "fault",
        "至少需要 {needed:,.2f} 万元，预算为 {allowed:,.2f} 万元",
        "it needs {needed:,.2f} 万元, and the budget is {allowed:,.2f}",
        "请把预算提高到至少 {needed:,.2f} 万元，或减少必须满足的要求",
        "Raise the budget to at least {needed:,.2f}, or ask for less",
    ),
    "serving_not_found": FaultKind(
        "fault",
        "在限定的数量、预算、服务能力和计算时间内，未找到能服务全部 {needed:,.0f} 人的方案",
        "within these limits of sites, money, capacity and computing time, no choice was found that serves all {needed:,.0f} people",
        "请放宽其中一项，或增加计算时间",
        "Relax one of them, or allow more time",
    ),
}
