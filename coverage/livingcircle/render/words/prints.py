"""Words around printed maps and charts, and of reports as files."""

from livingcircle.render.words.entry import Entry

# fmt: off
PRINTS: tuple[Entry, ...] = (
    ("print.legend", "图例", "Legend"),
    ("print.metres", "米", "m"),
    ("print.kilometres", "公里", "km"),
    ("print.grid", "{name}（{code}），上方为坐标北", "{name} ({code}), grid north up"),
    ("print.sources", "资料来源：{sources}", "Source: {sources}"),
    ("print.made", "制图：Living Circle {version}　{date}", "Made with Living Circle {version}, {date}"),
    # Titles
    ("print.score", "生活圈评分", "Living-circle score"),
    ("print.service", "步行至最近{service}的时间", "Walking time to the nearest: {service}"),
    ("print.gaps", "缺口片区", "Gap areas"),
    ("print.districts", "各分区生活圈评分", "Living-circle score of districts"),
    ("print.unmet", "各分区未达标条文占比", "Share of clauses not met, by district"),
    ("print.plan", "方案 {plan}：{services}选址", "Plan {plan}, sites for: {services}"),
    # Legends
    ("print.street", "步行道路", "Walkable streets"),
    ("print.district", "分区界线", "District boundaries"),
    ("print.park", "公园绿地", "Parks"),
    ("print.facility", "现状{service}（{count} 处）", "Existing: {service} ({count})"),
    ("print.facilities", "现状设施（{count} 处）", "Existing facilities ({count})"),
    ("print.site", "建议选址，按建设次序编号", "Proposed sites, in the order to build"),
    ("print.homes", "住宅", "Homes"),
    ("print.homes_within", "住宅：{limit}内有无设施", "Homes: a facility within {limit} or not"),
    ("print.gained", "建成后新增覆盖", "covered by the plan"),
    ("print.severity", "缺口程度（居民·分钟）", "Severity (resident-minutes)"),
    ("print.count", "处数", "number"),
    ("print.number", "序号同问题清单，标注前 {count} 处", "Rank in the gap list, the first {count}"),
    ("print.score_of_districts", "居民平均生活圈评分（0–100）", "Residents' mean living-circle score (0–100)"),
    ("print.unmet_of_districts", "未达标占可判定条文", "Not met, of clauses that could be judged"),
    ("print.below", "< {high}", "< {high}"),
    ("print.from", "≥ {low}", "≥ {low}"),
    ("print.between", "{low}–{high}", "{low}–{high}"),
    ("print.districts_count", "分区数", "districts"),
    ("print.squares", "住宅较多，按 {metres} 米方格汇总绘制；占比按逐栋住宅计算。", "Homes are gathered into {metres} m squares; shares are counted home by home."),
    ("print.names_left_out", "图幅所限，{count} 个分区未注名。", "For want of room {count} districts bear no name."),
)
# fmt: on
