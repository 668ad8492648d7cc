"""Words of batches: many studies in one go."""

from livingcircle.render.words.entry import Entry

# fmt: off
BATCH: tuple[Entry, ...] = (
    ("batch.done", "[{count}/{total}] {study}：完成，{seconds:.1f} 秒", "[{count}/{total}] {study}: done in {seconds:.1f} s"),
    ("batch.skipped", "[{count}/{total}] {study}：此前已完成，资料未变", "[{count}/{total}] {study}: computed before, nothing has changed"),
    ("batch.failed", "[{count}/{total}] {study}：未完成", "[{count}/{total}] {study}: failed"),
    ("batch.summary", "{title}：{done} 项完成（其中 {skipped} 项沿用），{failed} 项未完成", "{title}: {done} done ({skipped} of them before), {failed} failed"),
    ("batch.city", "全市居民覆盖率（各研究合并，跨界住宅只计一次）", "Residents covered in the city (studies merged, homes on borders counted once)"),
    ("batch.whole", "全市", "City"),
    ("batch.told", "须知", "To be known"),
    ("batch.differ.standard", "标准", "standards"),
    ("batch.differ.walker", "步行者", "walkers"),
    ("batch.differ.version", "程序版本", "versions of this program"),
    ("batch.differ.year", "资料年份", "years of the data"),
    ("batch.note.studies", "研究", "Studies"),
    ("batch.note.merged", "{total} 项研究中 {done} 项已完成并合并：住宅 {homes} 处，居民 {residents:.0f} 人", "{done} of {total} studies are done and merged: {homes} homes, {residents:.0f} residents"),
    ("batch.note.union", "合并办法", "How they are merged"),
    ("batch.note.union_told", "跨界住宅只计一次，取各研究中最短的步行；全市覆盖率是服务范围的并集，不是各区之和", "a home that several studies hold counts once, with the shortest walk any of them found; coverage of the city is a union, not a sum"),
    ("study_status.done", "已完成", "done"),
    ("study_status.failed", "未完成", "failed"),
    ("table.city_studies", "各研究", "Studies"),
    ("table.city_coverage", "全市覆盖率", "Coverage"),
    ("table.city_ranking", "排名", "Ranking"),
    ("table.city_districts", "各分区", "Districts"),
    ("table.city_warnings", "须知", "To be known"),
    ("citymap.choose", "设施类型与时限", "Service and limit"),
    ("citymap.share", "居民覆盖率", "Share of residents"),
    ("citymap.unknown", "无资料", "not known"),
    ("citymap.residents", "居民", "Residents"),
    ("citymap.study", "研究", "Study"),
    ("citymap.rank", "排名", "Rank"),
    ("terminal.file.city_studies", "各研究", "studies"),
    ("terminal.file.city_coverage", "全市覆盖率", "coverage"),
    ("terminal.file.city_ranking", "排名", "ranking"),
    ("terminal.file.city_districts", "各分区", "districts"),
    ("terminal.file.city_warnings", "须知", "to be known"),
    ("terminal.file.city_tables", "工作簿", "workbook"),
    ("terminal.file.city_map", "地图", "map"),
    ("terminal.file.city_homes", "全市住宅", "homes"),
)
# fmt: on
