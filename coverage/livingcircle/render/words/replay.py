"""Words of replays: a run made again from its record, and of runs whose inputs have not changed."""

from livingcircle.render.words.entry import Entry

# fmt: off
REPLAY: tuple[Entry, ...] = (
    ("replay.title", "重算：{title}，原运行于 {started}", "Replayed: {title}, first run at {started}"),
    ("replay.identical", "一致：{count} 个文件逐字节相同", "Identical: {count} files, byte by byte"),
    ("replay.reproduced", "一致：{count} 个文件逐字节相同，{other} 个见下", "Identical: {count} files, byte by byte; of {other} see below"),
    ("replay.differs", "不一致：{all} 个文件中 {count} 个不同", "Not identical: {count} of {all} files differ"),
    ("replay.file.differs", "{name}：不同", "{name}: differs"),
    ("replay.file.same_content", "{name}：字节不同，内容相同（写文件的程序库版本不同所致）", "{name}: other bytes, the same cells or words, as another release of the library writes them"),
    ("replay.file.unproven", "{name}：字节不同，内容无法在此比对，请看所列表格和文字", "{name}: other bytes; whether it shows the same cannot be told here, go by tables and words"),
    ("replay.left_out.package", "未比对：{names}（只含其余文件的摘要和生成时间）", "Not compared: {names}, which only tells digests of the others and when they were made"),
    ("replay.left_out.tiles", "未比对：{names}（原为分块计算，重算的内容更多）", "Not compared: {names}; the first run was made in tiles, a replay makes more than that"),
    ("replay.left_out.libraries", "未比对：{names}（本机未安装报告所需的程序库，见 living-circle[report]）", "Not compared: {names}; what writes reports is not installed here, see living-circle[report]"),
    ("replay.file.missing", "{name}：原有，现无", "{name}: was there, is no more"),
    ("replay.rows", "{table}：{before} 行 → {rows} 行", "{table}: {before} rows → {rows}"),
    ("replay.column", "{table}.{column}：{cells} 格不同", "{table}.{column}: {cells} cells differ"),
    ("replay.greatest", "{table}.{column}：{cells} 格不同，相差至多 {greatest}", "{table}.{column}: {cells} cells differ, by {greatest} at most"),
    ("replay.more", "另有 {count} 列不同", "{count} more columns differ"),
    ("replay.altered", "原成果文件在运行后被改动过：{names}", "changed by somebody after the run: {names}"),
    ("replay.version", "{name}：当时 {before}，现为 {after}", "{name}: then {before}, now {after}"),
    ("replay.none", "无", "none"),
    ("replay.program", "程序已改动（版本号可能相同）", "the program has changed, though its version may be the same"),
    ("replay.standard", "标准文件 {name} 已改动（SHA-256 当时 {before}，现为 {after}）", "the standard file {name} has changed (SHA-256 then {before}, now {after})"),
    ("replay.downloaded", "路网由网络下载，或图层由数据库查询，内容可能与当时不同", "streets were downloaded, or layers asked of a database, and may be others now"),
    ("replay.cut_short", "原运行有选址任务按时限或人工中止，其方案与机器快慢有关", "a search for sites had ended by its time limit or by hand; its plan depends on how fast the machine is"),
    ("since.unchanged", "自 {started} 以来资料、设置、标准和程序均无变化，未重算；成果在 {folder}", "Nothing has changed since {started}, so nothing was computed; results are in {folder}"),
    ("since.changed", "有变化，重新计算：{names}", "Computing again; changed: {names}"),
    ("since.none", "没有可沿用的成果（{reason}），开始计算", "No earlier run to go by ({reason}); computing"),
    ("since.incomplete", "{folder} 中的成果不完整，重新计算", "Results in {folder} are incomplete; computing again"),
    ("package.description", "15分钟生活圈计算成果，标准：{standard}。各表字段的类型、单位和含义见 resources；run.json 为运行记录，可用 living-circle replay 重算核对。数据来源：{owed}", "Results of a study of the 15-minute living circle by the standard {standard}. Types, units and meanings of all columns are in `resources`; run.json is the record, from which living-circle replay makes the run again. Data: {owed}"),
    ("replay.folder", "新成果：{folder}", "the new run: {folder}"),
)
# fmt: on
