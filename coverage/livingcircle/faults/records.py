"""Records of runs, and the inputs they name."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "not_a_record": FaultKind(
        "fault",
        "没有可用的运行记录：{reason_zh}",
        "there is no record of a run: {reason_en}",
        "请指定成果文件夹或其中的 run.json",
        "Name a run folder, or the run.json in it",
    ),
    "record_damaged": FaultKind(
        "fault",
        "运行记录已损坏：{reason_zh}",
        "the record of the run is damaged: {reason_en}",
        "请从备份取回 run.json；没有备份时，请移走该成果文件夹并重新运行研究",
        "Get run.json back from a copy; where there is none, move the run folder away and run the study again",
    ),
    "record_lacks": FaultKind(
        "fault",
        "运行记录不完整，下列内容缺失或格式不对：{names}",
        "the record of the run is incomplete; missing, or not in the form it had: {names}",
        "请从备份取回 run.json；没有备份时，请移走该成果文件夹并重新运行研究",
        "Get run.json back from a copy; where there is none, move the run folder away and run the study again",
    ),
    "run_folder_damaged": FaultKind(
        "fault",
        "该文件不是可读的运行记录（已损坏，或属于其他程序），无法辨认文件夹中哪些是以往成果，因此未予替换",
        "this is no record of a run that can be read (damaged, or of another program), so what else the folder holds cannot be told from results, and nothing was replaced",
        "请另选文件夹；或移走、删除该文件夹，或从备份取回 run.json，再重新运行",
        "Choose another folder; or move this one away or delete it, or get run.json back from a copy, and run again",
    ),
    "record_not_study": FaultKind(
        "fault",
        "这是运行的成果，不是研究配置",
        "these are the results of a run, not a study file",
        "请指定研究配置（YAML）；由成果重新计算请用 living-circle replay",
        "Name the study file (YAML); living-circle replay makes a run again from its results",
    ),
    "record_too_old": FaultKind(
        "fault",
        "运行记录由 {version} 版写成，未记各项输入的来处，不能重算",
        "the record was written by version {version}, which did not yet note what a replay needs",
        "请用原研究配置重新运行一次，此后即可重算",
        "Run the study file again; from then on the run can be replayed",
    ),
    "record_too_new": FaultKind(
        "fault",
        "运行记录由更新的 {version} 版写成，本版（{own}）不能读",
        "the record was written by a later version, {version}, which this one ({own}) cannot read",
        "请用该版或更新的版本重算",
        "Replay it with that version or a later one",
    ),
    "record_altered": FaultKind(
        "fault",
        "记录中的设置与其摘要不符，运行后有人改动过",
        "the settings in the record are not those whose digest it holds: somebody changed them after the run",
        "请取回原始的 run.json",
        "Get the run.json as it was written",
    ),
    "no_postgis": FaultKind(
        "fault",
        "数据库未安装 PostGIS 扩展",
        "the database has no PostGIS",
        "请由管理员执行 CREATE EXTENSION postgis",
        "Have an administrator run CREATE EXTENSION postgis",
    ),
    "store_failed": FaultKind(
        "fault",
        "成果未能写入数据库，数据库答复“{reason}”",
        "the results did not get into the database, which says “{reason}”",
        "请检查连接和权限；数据库内容未改动",
        "Check connection and privileges; the database is as it was",
    ),
    "foreign_tables": FaultKind(
        "fault",
        "模式 {schema} 中已有其他研究或其他程序的表（{names}），不能替换",
        "the schema {schema} holds tables of another study or program ({names}), which must not be replaced",
        "请另选一个模式（outputs.postgis.schema_name）",
        "Choose another schema (outputs.postgis.schema_name)",
    ),
    "input_missing": FaultKind(
        "fault",
        "找不到输入文件“{value}”（SHA-256 {expected}）",
        "the input “{value}” is not there (SHA-256 {expected})",
        "请用 --inputs 指明其所在文件夹，文件名须与当时相同",
        "Name its folder with --inputs; it must be called what it was",
    ),
    "input_changed": FaultKind(
        "fault",
        "输入文件“{value}”与当时不同：当时 SHA-256 {expected}，现为 {found}",
        "the input “{value}” is not the one that was read: SHA-256 then {expected}, now {found}",
        "请用 --inputs 指明当时文件所在的文件夹，或用研究配置另行计算",
        "Name the folder of the file as it was with --inputs, or run the study file anew",
    ),
}
