"""The study file and the standard."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "bad_setting": FaultKind(
        "fault",
        "配置项“{column}”有误：{reason}",
        "setting “{column}” is wrong: {reason}",
        "请对照 configs/study.schema.json 更正",
        "Correct it after configs/study.schema.json",
    ),
    "missing_setting": FaultKind(
        "fault",
        "缺少配置项“{column}”",
        "setting “{column}” is missing",
        "请补充该项",
        "Add it",
    ),
    "unknown_setting": FaultKind(
        "fault",
        "没有名为“{column}”的配置项",
        "there is no setting called “{column}”",
        "请删除或更正；此处可用：{nearest}",
        "Delete or correct it; known here: {nearest}",
    ),
    "wrong_setting": FaultKind(
        "fault",
        "配置项“{column}”应为{needed_zh}",
        "setting “{column}” must be {needed_en}",
        "请更正该值",
        "Correct this value",
    ),
    "bad_yaml": FaultKind(
        "fault",
        "不是有效的 YAML：{reason}",
        "it is not valid YAML: {reason}",
        "请检查该行的缩进和冒号",
        "Check indentation and colons near that line",
    ),
    "yaml_tab": FaultKind(
        "fault",
        "该行以制表符（Tab）缩进，YAML 不允许",
        "this line is indented with a tab, which YAML does not allow",
        "请改用空格缩进",
        "Indent it with blanks",
    ),
    "yaml_backslash": FaultKind(
        "fault",
        "双引号内的反斜杠“\\”会被当作转义符",
        "a backslash within double quotation marks begins an escape",
        "Windows 路径请改用正斜杠（D:/数据/社区.gpkg），或去掉引号",
        "Write Windows paths with slashes (D:/data/zones.gpkg), or without quotation marks",
    ),
    "unknown_standard": FaultKind(
        "fault",
        "没有名为“{value}”的标准",
        "there is no standard called “{value}”",
        "内置标准：{known}；或写自定义标准的 YAML 路径",
        "Built in are: {known}; or give the path of a standard of your own",
    ),
    "study_twice": FaultKind(
        "fault",
        "有两份研究文件同名：“{value}”，成果会写到同一文件夹",
        "two study files are called “{value}”: their results would go to one folder",
        "请将其中一份改名",
        "Rename one of them",
    ),
    "no_dask": FaultKind(
        "fault",
        "未安装 Dask，无法连接调度器 {value}",
        "Dask is not installed; the scheduler {value} cannot be reached",
        "请执行 pip install 'living-circle[cluster]'",
        "Run pip install 'living-circle[cluster]'",
    ),
    "worker_died": FaultKind(
        "fault",
        "计算“{value}”的进程中途退出（多为内存不足），两次均如此",
        "the process that computed “{value}” ended half-way, twice; mostly for want of memory",
        "请减少同时计算的研究数（workers），或将该研究拆分",
        "Compute fewer studies at once (`workers`), or divide this one",
    ),
    "study_defect": FaultKind(
        "fault",
        "计算“{value}”时程序出错：{reason}",
        "the program failed on “{value}”: {reason}",
        "其余研究不受影响；请将此信息报告给维护者",
        "The other studies are not affected; report this to the maintainers",
    ),
    "duplicate_requirement": FaultKind(
        "fault",
        "要求编号“{value}”重复",
        "the requirement id “{value}” appears twice",
        "请使每条要求的编号唯一",
        "Make every requirement id unique",
    ),
    "unknown_document": FaultKind(
        "fault",
        "引用的文件“{value}”未在 documents 中列出",
        "the cited document “{value}” is not listed under `documents`",
        "已列出：{known}",
        "Listed are: {known}",
    ),
    "unknown_condition": FaultKind(
        "fault",
        "没有条文以“{value}”为条件",
        "no clause depends on the condition “{value}”",
        "可声明的条件：{known}",
        "Conditions that can be stated are: {known}",
    ),
    "bad_speed": FaultKind(
        "fault",
        "步行速度须为大于 0 的数值",
        "the walking speed must be a finite number above 0",
        "请更正步行速度（米每秒）",
        "Correct the walking speed, in metres per second",
    ),
}
