"""What a list says of its facilities beyond name and service: status, years, areas, staff, places, beds, hours, address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, FloatArray, TextArray
from livingcircle.sources.columns import number_column, text_column
from livingcircle.sources.compounds import minutes_of
from livingcircle.sources.layers import EXAMPLE_ROWS, Layer
from livingcircle.sources.quantities import is_empty_word
from livingcircle.sources.units import Unit

UNITS: Mapping[str, Unit] = {
    "floor_m2": "m2",
    "usable_m2": "m2",
    "activity_m2": "m2",
    "land_m2": "m2",
    "width_metres": "metres",
    "staff": "count",
    "capacity": "count",
    "beds": "beds",
    "classes": "count",
}
STATUS = {
    "open": (
        *("open", "operating", "existing", "开放", "已开放", "对外开放", "运营", "运营中", "营业", "正常营业", "正常"),
        *("在用", "使用中", "已建", "已建成", "建成", "现状", "投入使用", "已投入使用"),
    ),
    "planned": (
        *(
            "planned",
            "proposed",
            "construction",
            "underconstruction",
            "规划",
            "规划中",
            "拟建",
            "待建",
            "在建",
            "建设中",
        ),
        *("筹建", "筹建中", "未建", "未开放", "新建", "施工中"),
    ),
    "closed": (
        *(
            "closed",
            "disused",
            "demolished",
            "关闭",
            "已关闭",
            "停用",
            "已停用",
            "停业",
            "歇业",
            "停运",
            "撤销",
            "已撤销",
        ),
        *("注销", "拆除", "已拆除", "废弃", "闲置", "搬迁", "已搬迁", "暂停营业", "暂停使用"),
    ),
}
_STATUS_OF = {word: status for status, words in STATUS.items() for word in words}
_YEAR = re.compile(r"(?<!\d)(1[6-9]\d\d|2[01]\d\d)(?!\d{3})")


def facility_columns(layer: Layer, columns: Mapping[str, str | None]) -> dict[str, NDArray[Any]]:
    """Return every attribute column of `Facilities` that a layer can hold; "" and NaN where it says nothing.

    `status` may be `closed` here, for the reader to leave out. A place with a year of closing is closed unless its status says otherwise.
    """
    found: dict[str, NDArray[Any]] = {
        name: number_column(layer, columns.get(name), unit) for name, unit in UNITS.items()
    }
    found["opened_year"], found["closed_year"] = (
        _years(layer, columns.get(f"{key}_year")) for key in ("opened", "closed")
    )
    found["hours"] = text_column(layer, columns.get("hours"))
    found["address"] = text_column(layer, columns.get("address"))
    found["status"] = _status(layer, columns.get("status"), np.isfinite(found["closed_year"]))
    _note_hours(layer, columns.get("hours"), found["hours"])
    smaller = found["usable_m2"] > found["floor_m2"]
    if smaller.any():
        layer.note("usable_exceeds_floor", count=int(smaller.sum()), rows=listed(layer, smaller))
    return found


def listed(layer: Layer, chosen: BoolArray) -> str:
    """Name the first rows of a mask, as the user sees them."""
    rows = np.flatnonzero(chosen)
    return ", ".join(str(layer.row(row)) for row in rows[:EXAMPLE_ROWS]) + ("…" if len(rows) > EXAMPLE_ROWS else "")


def _status(layer: Layer, column: str | None, has_closed_year: BoolArray) -> TextArray:
    texts = text_column(layer, column)
    code, words = pd.factorize(texts)
    meant = np.array([_STATUS_OF.get(re.sub(r"\s+", "", str(word)).lower(), "") for word in words], object)
    for number, word in enumerate(words):
        if word and not meant[number] and not is_empty_word(word):
            layer.note("unknown_status", index=int(np.argmax(code == number)), column=column or "", value=word)
    status: TextArray = meant[code] if len(words) else texts
    if (against := has_closed_year & (status != "") & (status != "closed")).any():
        layer.note("closed_year_of_open", count=int(against.sum()), rows=listed(layer, against))
    if (closed := has_closed_year & (status == "")).any():
        layer.note("closed_by_year", count=int(closed.sum()), rows=listed(layer, closed))
    return np.where(closed, "closed", status).astype(object)


def _years(layer: Layer, column: str | None) -> FloatArray:
    """Return years from cells such as 2015, 2015年9月 or 2015-09-01 (n,), NaN where empty; what holds no year is noted."""
    texts = text_column(layer, column)
    code, words = pd.factorize(texts)
    matches = [_YEAR.search(str(word)) for word in words]
    for number, word in enumerate(words):
        if word and matches[number] is None and not is_empty_word(word):
            layer.note("bad_year", index=int(np.argmax(code == number)), column=column or "", value=word)
    years = np.array([np.nan if match is None else float(match.group()) for match in matches], float)
    return years[code] if len(words) else np.full(len(texts), np.nan)


def _note_hours(layer: Layer, column: str | None, hours: TextArray) -> None:
    unread = [text for text in dict.fromkeys(hours.tolist()) if text and minutes_of(text) is None]
    if unread:
        count = int(np.isin(hours, unread).sum())
        examples = "; ".join(unread[:EXAMPLE_ROWS])
        layer.note("hours_unread", column=column or "", count=count, examples=examples)
