"""Numbers as people write them into cells: “1.2万㎡”, “约3000户”, “１，２３４”, “三千五百”, “暂无资料”.

What is understood exactly is used; what is about right (约, 多, 余, 左右) is used and said to be so; anything else, ranges too, is not a
number. Nothing is rounded and nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from livingcircle.sources.units import UNITS, Unit

EMPTY_WORDS = frozenset(
    {
        *("", "-", "--", "---", "—", "——", "–", "/", "//", "\\", ".", "...", "......", "?", "??"),
        *(
            "无",
            "無",
            "空",
            "暂无",
            "暂无资料",
            "暂无数据",
            "暂无信息",
            "无资料",
            "无数据",
            "没有数据",
            "缺",
            "缺失",
            "缺数据",
        ),
        *("不详", "不明", "未知", "未填", "未填写", "未统计", "待定", "待补", "待补充", "待核实", "待查", "不清楚"),
        *("n/a", "na", "n.a.", "nan", "null", "none", "nil", "unknown", "no data", "nodata", "tbd"),
    }
)
"""What stands in a cell of which nothing is known, after NFKC, without capitals. 无 may mean none as well: 0 is written where it does."""

_SCALES: Mapping[str, float] = {"十": 10, "百": 100, "千": 1000, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_QUANTITY = re.compile(
    r"(?P<about>大约|约为|约|大概|近似|近|约计|≈|~|approx\.?|about|ca\.?|circa)?\s*"
    r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+|[零〇一二两兩三四五六七八九十百千万萬亿億]+)\s*"
    r"(?P<scale>[百千万萬亿億]*)\s*(?P<odd>多|余|餘|来|几)?\s*(?P<after>[万萬亿億]?)\s*"
    r"(?P<unit>[^\d\s,+-][^\d,+-]*?\d?)?\s*(?P<about_after>多|余|左右|上下)?",
    re.ASCII,  # digits of other scripts are no numbers here
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}", re.ASCII)
_RANGE = re.compile(r"\d\S*\s*(?:-|–|—|~|至|到|to)\s*\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a cell says: `value` in the unit asked for, `exact` unless it is about right, `plain` when it is a number without a unit."""

    value: float
    exact: bool = True
    plain: bool = True


def is_empty_word(text: str) -> bool:
    """Return whether a cell says that nothing is known."""
    return _normal(text) in EMPTY_WORDS


def is_range(text: str) -> bool:
    """Return whether a cell holds two numbers with a dash, 至 or 到 between them."""
    normal = _normal(text)
    return _RANGE.search(normal) is not None and _DATE.match(normal) is None


def quantity(text: str, unit: Unit | None, header_factor: float = 1.0) -> Quantity | None:
    """Read one cell; None for what is not one number in that unit.

    Parameters
    ----------
    text
        The cell.
    unit
        What the number shall be in; None knows no units.
    header_factor
        What a number without a unit is multiplied by, as the header says. A unit in the cell goes before that of the header. “1.2万”
        under a header in 万㎡ could be either, so it is not read.
    """
    found = _QUANTITY.fullmatch(_normal(text))
    if found is None:
        return None
    digits, scale_text = found["number"], found["scale"] + found["after"]
    unit_text = "".join((found["unit"] or "").split())
    if unit == "wan_yuan" and not unit_text and (spoken := re.fullmatch(r"([一-龥]+?)([万萬亿億])", digits)):
        digits, scale_text = spoken[1], spoken[2]  # “三百万” is 300 万元
        if re.search("[万萬亿億]", digits):
            return None
    number = _number(digits)
    if number is None:
        return None
    exact = not (found["about"] or found["odd"] or found["about_after"])
    known = UNITS[unit] if unit is not None else {}
    # “万元” is a unit of its own, “万㎡” a scale and a unit: the longest that is known goes first, so “万” alone is 万元 for prices only.
    for taken in range(len(scale_text), -1, -1):
        own = scale_text[len(scale_text) - taken :] + unit_text
        if own in known:
            scaled = _scaled(number, scale_text[: len(scale_text) - taken])
            return None if scaled is None else Quantity(scaled * known[own], exact, plain=False)
    if unit_text:
        return None
    if scale_text and header_factor != 1.0:
        return None
    scaled = _scaled(number, scale_text)
    return None if scaled is None else Quantity(scaled * header_factor, exact, plain=not scale_text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _scaled(number: float, scales: str) -> float | None:
    """Multiply by 万, 千万 …; None for an order that nobody says, such as 万千."""
    sizes = [_SCALES[sign] for sign in scales]
    if sizes != sorted(sizes) or len(set(sizes)) != len(sizes):
        return None
    for size in sizes:
        number *= size
    return number


def _number(text: str) -> float | None:
    if text.lstrip("+-")[0] in "0123456789.":
        return float(text.replace(",", ""))
    return chinese_number(text)


def chinese_number(text: str) -> float | None:
    """Return 3500 for “三千五百”, 12000 for “一万二千”; None for what is short for something else (“三千五”) or a row of digits (“三五〇”).

    The signs are added up whatever their order; a number is what is written as the sum would be.
    """
    spoken = text.translate(_USUAL_SIGNS)
    total = part = digit = 0
    for sign in spoken:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif (size := int(_SCALES[sign])) < 10_000:
            part, digit = part + (digit or 1) * size, 0
        else:
            total, part, digit = total + (part + digit) * size, 0, 0
    total += part + digit
    return float(total) if total < 10**12 and _in_chinese(total) == re.sub("^一十", "十", spoken) else None


_USUAL_SIGNS = str.maketrans("〇两兩萬億", "零二二万亿")


def _in_chinese(number: int) -> str:
    """Write a whole number below 10¹²: groups of four digits, 零 for a gap."""
    groups, text = [], ""
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    for position in range(len(groups) - 1, -1, -1):
        group = groups[position]
        if not group:
            continue
        digits = f"{group:04d}" if text else str(group)
        signs = "".join(
            "零" if digit == "0" else "零一二三四五六七八九"[int(digit)] + ("", "十", "百", "千")[place]
            for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True)
        )
        text += re.sub("零+", "零", signs).rstrip("零") + ("", "万", "亿")[position]
    return re.sub("^一十", "十", text) or "零"
