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
    ("print.score", "生活圈得分", "Living-circle score"),
    ("print.service", "步行至最近{service}的时间", "Walking time to the nearest: {service}"),
    ("print.gaps", "缺口片区", "Gap areas"),
    ("print.districts", "各分区生活圈得分", "Living-circle score of districts"),
    ("print.unmet", "各分区未达标条文占比", "Share of clauses not met, by district"),
    ("print.plan", "方案 {plan}：{services}选址", "Plan {plan}, sites for: {services}"),
    ("print.coverage", "各类设施的居民覆盖率", "Residents within walking limits, by service"),
    ("print.lorenz", "生活圈得分的洛伦兹曲线", "Lorenz curve of the living-circle score"),
    ("print.frontier", "方案 {plan}：投入与效果", "Plan {plan}: what is put in and what it brings"),
    ("print.whole", "总体 {score}", "whole study {score}"),
    ("print.above", "不低于总体", "not below the whole"),
    ("print.beneath", "低于总体", "below the whole"),
    ("print.left_out", "（略去 {count} 个）", "({count} left out)"),
    # Legends
    ("print.street", "步行道路", "Walkable streets"),
    ("print.district", "分区界线", "District boundaries"),
    ("print.park", "公园绿地", "Parks"),
    ("print.facility", "现状{service}", "Existing: {service}"),
    ("print.facilities", "现状设施", "Existing facilities"),
    ("print.counted", "{named}（{count} 处）", "{named} ({count})"),
    ("print.counted_around", "{named}（{count} 处，含研究区周边）", "{named} ({count} with those around the study area)"),
    ("print.site", "建议选址，按建设次序编号", "Proposed sites, in the order to build"),
    ("print.homes_within", "住宅：{limit}内有无设施", "Homes: a facility within {limit} or not"),
    ("print.gained", "建成后新增覆盖", "covered by the plan"),
    ("print.lacking", "住宅：步行时限内缺少的服务类数", "Homes: services lacking within their limits"),
    ("print.lacks_none", "不缺", "none"),
    ("print.gap", "缺口片区范围", "Extent of those gap areas"),
    ("print.number", "问题清单序号（前 {count}，共 {total}）", "Rank in the gap list (first {count} of {total})"),
    ("print.score_of_districts", "居民平均生活圈得分（0–100）", "Residents' mean living-circle score (0–100)"),
    ("print.unmet_of_districts", "未达标占可判定条文", "Not met, of clauses that could be judged"),
    ("print.from", "≥ {low}", "≥ {low}"),
    ("print.between", "{low}–{high}", "{low}–{high}"),
    ("print.districts_count", "分区数", "districts"),
    ("print.squares", "住宅较多，按 {metres} 米方格汇总绘制；占比按逐栋住宅计算。", "Homes are gathered into {metres} m squares; shares are counted home by home."),
    ("print.names_left_out", "图幅所限，{count} 个分区未注名。", "For want of room {count} districts bear no name."),
    ("print.skip", "跳到正文", "Skip to the text"),
)
# fmt: on
