"""Files that cannot be read, or not written."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "missing_file": FaultKind(
        "fault",
        "文件不存在",
        "the file does not exist",
        "请核对研究配置中的路径（相对路径以配置文件所在文件夹为准）",
        "Check the path in the study file (a relative path starts at the study file's folder)",
    ),
    "unreadable_file": FaultKind(
        "fault",
        "文件无法读取：{reason}",
        "the file cannot be read: {reason}",
        "请确认格式与扩展名一致，并在原软件中重新导出",
        "Make sure format and extension agree, and export it again from its program",
    ),
    "wrong_content": FaultKind(
        "fault",
        "文件内容不是 {format}",
        "its content is not {format}",
        "扩展名可能改错，请在原软件中重新导出",
        "The extension may have been changed by hand; export it again from its program",
    ),
    "truncated_file": FaultKind(
        "fault",
        "文件不完整，末尾缺失",
        "the file is cut short",
        "请重新复制或下载，并核对文件大小",
        "Copy or download it again and compare the sizes",
    ),
    "too_many_cells": FaultKind(
        "fault",
        "该行的单元格多于表头的 {width} 列",
        "the row has more cells than the {width} columns of the header",
        "请检查文字中的逗号是否缺少引号",
        "See whether a comma in its text lacks quotation marks",
    ),
    "unknown_format": FaultKind(
        "fault",
        "不支持的文件格式",
        "this file format is not supported",
        "请改用 {formats}",
        "Use one of {formats}",
    ),
    "empty_layer": FaultKind(
        "fault",
        "图层没有任何记录",
        "the layer holds no rows",
        "请检查导出范围和筛选条件",
        "Check the extent and the filter it was exported with",
    ),
    "missing_layer": FaultKind(
        "fault",
        "文件中没有名为“{value}”的图层",
        "the file has no layer called “{value}”",
        "可用图层：{layers}",
        "Its layers are: {layers}",
    ),
    "missing_column": FaultKind(
        "fault",
        "缺少列“{column}”",
        "column “{column}” is missing",
        "现有列：{columns}。请在研究配置的 columns 中写明对应列名",
        "The columns are: {columns}. Name the right one under `columns` in the study file",
    ),
    "columns_matched": FaultKind(
        "note",
        "按名称识别的列：{columns}",
        "columns recognised by their names: {columns}",
        "如有误，请在 columns 中写明",
        "Where that is wrong, state them under `columns`",
    ),
    "columns_passed_over": FaultKind(
        "note",
        "“{field}”取自列“{column}”，其他同义列未使用：{others}",
        "{field} is taken from column “{column}”; others of the same meaning are not used: {others}",
        "如应使用其他列，请在 columns 中写明",
        "Where another one is meant, state it under `columns`",
    ),
    "column_ambiguous": FaultKind(
        "fault",
        "有多列都可作为“{field}”：{columns}",
        "several columns could be {field}: {columns}",
        "请在研究配置的 columns 中写明使用哪一列，或删去多余的列",
        "Name the right one under `columns` in the study file, or delete the others",
    ),
    "not_a_run_folder": FaultKind(
        "fault",
        "文件夹中有不属于以往成果的内容（{names}），不能替换",
        "the folder holds something other than an earlier run ({names}), which must not be replaced",
        "请另选一个空文件夹或新文件夹，或先移走这些文件（表格在其他程序中打开时请先关闭）",
        "Choose an empty or a new folder, or move those files away; close results that are open in another program",
    ),
    "unwritable_folder": FaultKind(
        "fault",
        "成果无法写入：{reason}",
        "results cannot be written there: {reason}",
        "请检查磁盘空间和权限，并关闭已在其他程序中打开的成果文件",
        "Check disk space and permissions, and close results that are open in another program",
    ),
}
