"""Words of batches: many studies in one go."""

from livingcircle.render.words.entry import Entry

# fmt: off
BATCH: tuple[Entry, ...] = (
    ("batch.done", "[{count}/{total}] {study}：完成，{seconds:.1f} 秒", "[{count}/{total}] {study}: done in {seconds:.1f} s"),
    ("batch.skipped", "[{count}/{total}] {study}：此前已完成，资料未变", "[{count}/{total}] {study}: computed before, nothing has changed"),
    ("batch.failed", "[{count}/{total}] {study}：未完成", "[{count}/{total}] {study}: failed"),
    ("batch.summary", "{title}：{done} 项完成（其中 {skipped} 项沿用），{failed} 项未完成", "{title}: {done} done ({skipped} of them before), {failed} failed"),
    ("batch.city", "全市居民覆盖率（各研究合并，跨界住宅只计一次）", "Residents covered in the city (studies merged, homes on borders counted once)"),
    ("batch.study", "研究", "Study"),
    ("batch.whole", "全市", "City"),
    ("terminal.file.city_coverage", "全市覆盖率", "coverage"),
    ("terminal.file.city_ranking", "排名", "ranking"),
    ("terminal.file.city_homes", "全市住宅", "homes"),
)
# fmt: on
