"""What systems and libraries say of a file they cannot read or write, in our own words and both languages."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Mapping, Sequence

from livingcircle.faults.fault import Fault

_LONGEST = 200
_CUT = (
    r"EOCD|EOF|end of (the )?(file|stream|archive)|ended before|footer|not a zip ?file|truncated|unclosed|unterminated"
    r"|no element found|malformed|invalid zip|fread|checksum|CRC|data error|uncompress|decompress|inflat|parsing feature"
    r"|read failed|corrupt|BlobHeader|BlockSize"
)
_FULL = ("磁盘空间不足", "no space left on device")
_CLOSED = ("没有权限", "permission denied")
_SAID: Sequence[tuple[str, str, str]] = (
    (r"disk is full|no space left", *_FULL),
    (r"permission denied", *_CLOSED),
    (r"disk I/O error|input/output error", "磁盘写入失败", "the disk refused it"),
    (r"complex numbers", "像元值为复数", "its cells are complex numbers"),
    (r"^compression method", "压缩方式不受支持，请用普通 ZIP 压缩", "its way of compression is not supported; use plain ZIP"),
    (r"\bUTF-8\b", "文字不是 UTF-8 编码", "its text is not in UTF-8"),
    (r"multiple matches for FieldRef", "有重名的列", "several columns have the same name"),
    (r"ID twice", "同一编号出现两次，可能是历史文件或变更文件", "an id occurs twice, as in a history or change file"),
    (r"invalid projection|crs not found", "坐标系无法识别", "its coordinate reference system is not known"),
    (r"coordinate|string to float", "坐标或数值的写法有误", "a coordinate or number is none"),
    (r"nested|nesting|recursion", "内容嵌套过深", "it is nested too deep"),
    (_CUT, "文件不完整或已损坏", "it is cut short or damaged"),
    (r"JSON|unexpected character|expecting", "JSON 的写法有误", "it is not proper JSON"),
    (r"XML|kml|not well-formed|invalid token|top-level", "不是规范的 XML，或并非该类文件", "it is not proper XML, or of another kind"),
    (r"not recognized|no data or unknown", "内容不是扩展名所示的格式", "its content is not what its extension says"),
    (r"^KeyError", "缺少必需的属性", "an attribute that it needs is missing"),
)  # fmt: skip
"""What a message matches, the first of these; capitals do not matter."""
_NUMBERED: Mapping[int | None, tuple[str, str]] = {
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.ENOSPC: _FULL,
    errno.ENOENT: ("文件已不存在", "it is not there any more"),
    errno.EISDIR: ("这是文件夹", "it is a folder"),
    errno.ENOTDIR: ("路径中应为文件夹之处是文件", "a file stands where its path needs a folder"),
    errno.EIO: ("磁盘或网络故障", "the disk or the network failed"),
    errno.EROFS: ("磁盘为只读", "the disk is read-only"),
    errno.EMFILE: ("同时打开的文件过多", "too many files are open"),
    errno.EFBIG: ("超出系统允许的文件大小", "the system allows no file as large"),
}
_LINE = re.compile(r"\bline:? (\d+)", re.IGNORECASE)


def unreadable(file: str | os.PathLike[str], why: Exception | str) -> Fault:
    """Return the fault of a file that a library cannot read; `why` is what it raised or said."""
    return Fault("unreadable_file", file=str(file), details=reasons(why, file))


def reasons(why: Exception | str, file: str | os.PathLike[str] = "") -> dict[str, str]:
    """Return why a file cannot be read or written, as `reason_zh` and `reason_en`; a message that means nothing to us is repeated."""
    path = os.fspath(file)
    message = _message(why).replace(path, os.path.basename(path)) if path else _message(why)  # noqa: PTH119
    message = " ".join(message.split())[:_LONGEST].rstrip(".")
    zh, en = _words(why, message)
    if line := _LINE.search(message):
        zh, en = f"{zh}（第 {line[1]} 行附近）", f"{en} (near line {line[1]})"
    return {"reason_zh": zh, "reason_en": en}


def _message(why: Exception | str) -> str:
    if isinstance(why, OSError) and why.strerror:
        return why.strerror
    return f"KeyError: {why}" if isinstance(why, KeyError) else str(why) or type(why).__name__


def _words(why: Exception | str, message: str) -> tuple[str, str]:
    if isinstance(why, OSError) and why.errno in _NUMBERED:
        return _NUMBERED[why.errno]
    said = next((words for pattern, *words in _SAID if re.search(pattern, message, re.IGNORECASE)), None)
    return (said[0], said[1]) if said else (f"程序报告“{message}”", f"the program reports “{message}”")
