"""Words of comparisons: what changed between two studies, and through what."""

from livingcircle.render.words.entry import Entry

# fmt: off
COMPARISON: tuple[Entry, ...] = (
    ("compare.title", "对比：{before} → {after}", "Compared: {before} → {after}"),
    ("compare.factors", "两者不同之处：{factors}；共计算 {runs} 次。变化按正反两种次序逐项替换、取平均分摊，各项之和等于总变化", "They differ in: {factors}; {runs} runs. Changes are divided by swapping one input after another in one order and the opposite, and taking the mean; the parts add up"),
    ("compare.same", "无", "nothing"),
    ("compare.between", "、", ", "),
    ("factor.network", "路网", "streets"),
    ("factor.population", "人口", "people"),
    ("factor.facilities", "设施", "facilities"),
    ("factor.standard", "标准", "standard"),
    ("factor.method", "方法", "method"),
    ("compare.before", "前", "Before"),
    ("compare.after", "后", "After"),
    ("compare.change", "变化（百分点）", "Change (points)"),
    ("compare.more", "另有 {count} 项有变化，见对比表", "{count} more have changed; see the table"),
    ("compare.facilities", "设施：{parts}", "Facilities: {parts}"),
    ("compare.homes", "住宅：新增 {homes_new} 处，减少 {homes_gone} 处；居民 {residents_before} → {residents_after} 人", "Homes: {homes_new} new, {homes_gone} gone; residents {residents_before} → {residents_after}"),
    ("compare.turned", "条文：{before} → {after}，{count} 项", "Clauses: {before} → {after}, {count}"),
    ("compare.absent", "无此条文或分区", "no such clause or district"),
    ("terminal.file.compare_figures", "指标对比", "figures"),
    ("terminal.file.compare_facilities", "设施变动", "facilities"),
    ("terminal.file.compare_homes", "住宅变动", "homes"),
    ("place_change.opened", "新增", "opened"),
    ("place_change.closed", "关闭", "closed"),
    ("place_change.moved", "迁址", "moved"),
    ("place_change.changed", "变更", "changed"),
)
# fmt: on
