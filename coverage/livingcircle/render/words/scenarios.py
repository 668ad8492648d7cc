"""Words of scenarios: what is changed, and what comes of it."""

from livingcircle.render.words.entry import Entry

# fmt: off
SCENARIOS: tuple[Entry, ...] = (
    ("stage.scenarios", "推演情景", "Trying scenarios"),
    ("change.add_site", "新增设施", "facility opened"),
    ("change.move_facility", "设施迁址", "facility moved"),
    ("change.close_facility", "关闭设施", "facility closed"),
    ("change.add_gate", "开设出入口", "gate opened"),
    ("change.add_crossing", "增设过街", "crossing added"),
    ("change.add_path", "新增步行道", "path added"),
    ("change.close_street", "封闭道路", "street closed"),
    ("table.scenario_coverage", "情景对比", "Scenarios"),
    ("table.scenario_changes", "情景变动", "Changes of scenarios"),
    ("scenario.title", "情景“{title}”：{homes} 处住宅的步行时间或最近设施有变", "Scenario “{title}”: {homes} homes walk another time or to another facility"),
    ("scenario.speed", "步行速度 {speed:g} 米/秒（现状 {before:g}）", "walking at {speed:g} m/s (today {before:g})"),
    ("scenario.standard", "按《{title}》判定", "judged by {title}"),
    ("scenario.not_judged", "该标准另有 {count} 类服务本研究未载入，不作判定", "{count} more services of that standard are not in the study and are not judged"),
    ("scenario.change", "  {rank}. {change}：{homes} 处住宅有变，达标要求内覆盖 {gained} 人次", "  {rank}. {change}: {homes} homes changed, {gained} residents within required limits"),
    ("scenario.nothing", "各项要求的覆盖均无变化", "no requirement is covered differently"),
    ("scenario.before", "现状", "Today"),
    ("scenario.after", "情景", "Scenario"),
    ("scenario.gained", "增减", "Change"),
)
# fmt: on
