"""The review sheet: rows whose services are in doubt, and the decisions people write into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.model.columns import TextArray
from livingcircle.model.places import FacilityReview
from livingcircle.model.standard import ServiceType, service_named
from livingcircle.sources.formats import read_rows
from livingcircle.sources.layers import EXAMPLE_ROWS, Layer
from livingcircle.sources.service_types import CONFIDENCE, Classified
from livingcircle.sources.tables import FIRST_ROW

if TYPE_CHECKING:
    import pandas as pd

HEADERS = {
    "id": ("facility_id", "设施编号", "Facility id", "id"),
    "name": ("facility_name", "设施名称", "Facility", "name"),
    "file": ("file", "文件", "File"),
    "services": ("services", "服务类型编号", "Service ids"),
    "decision": ("decision", "核对结果", "Decision"),
}
"""What the columns of the sheet are called in the CSV and in the workbook, in Chinese and English."""
SHEETS = ("设施核对", "Facilities to review")
AGREED = frozenset({"ok", "yes", "y", "对", "是", "正确", "无误", "√", "✓"})
NONE = frozenset({"none", "no", "n", "无", "否", "不计", "都不是", "不属于", "×"})


def review_rows(
    layer: Layer,
    ids: TextArray,
    names: TextArray,
    told: Classified,
    services: Sequence[ServiceType],
    decisions: TextArray,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> FacilityReview:
    """Return the review of some rows of a list."""

    def named(which: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> TextArray:
        found = np.empty(len(rows), object)
        found[:] = [tuple(services[column] for column in np.flatnonzero(row).tolist()) for row in which[rows]]
        return found

    return FacilityReview(
        ids=ids[rows],
        names=names[rows],
        files=np.full(len(rows), Path(layer.file).name, object),
        rows=np.array([layer.row(row) for row in rows], np.int32),
        services=named(told.serves),
        confidence=told.confidence[rows],
        reason=told.reason[rows],
        alternatives=named(told.alternatives),
        decisions=decisions[rows],
    )


def with_decisions(
    layer: Layer, sheet: Path, ids: TextArray, names: TextArray, told: Classified, services: Sequence[ServiceType]
) -> tuple[Classified, TextArray]:
    """Return what was told with the decisions of a sheet in its place, for rows of the same id and name, and these decisions (n,).

    A decision names services by id or name, separated by semicolons, or agrees with what was told (对), or says that the place offers none
    of them (无). Rows without one stay as they were told. A decision that cannot be read is a fault of the layer being read.
    """
    row_of = {(own, name): row for row, (own, name) in enumerate(zip(ids, names, strict=True))}
    serves, alternatives = told.serves.copy(), told.alternatives.copy()
    confidence, reason = told.confidence.copy(), told.reason.copy()
    decisions = np.full(len(ids), "", object)
    stale: list[str] = []
    used = 0
    for number, decision in _decisions(layer, sheet):
        row = row_of.get((decision["id"], decision["name"]))
        if row is None:
            stale.append(f"{decision['id']} {decision['name']}".strip())
            continue
        words = decision["decision"].strip()
        said = decision["services"] if words.casefold() in AGREED else "" if words.casefold() in NONE else words
        named = [(part, service_named(part, services)) for part in said.replace("；", ";").split(";") if part.strip()]
        for part, service in named:
            if service is None:
                layer.findings.append(_unknown(sheet, number, part, services))
        serves[row] = [service in [one for _, one in named] for service in services]
        alternatives[row], confidence[row], reason[row] = False, CONFIDENCE["stated"], "stated"
        decisions[row] = words
        used += 1
    if used:
        layer.note("decisions_used", count=used)
    if stale:
        examples = "; ".join(stale[:EXAMPLE_ROWS])
        layer.findings.append(
            Fault("stale_decisions", file=str(sheet), details={"count": len(stale), "examples": examples})
        )
    told = replace(told, serves=serves, alternatives=alternatives, confidence=confidence, reason=reason)
    return told, decisions


def _decisions(layer: Layer, sheet: Path) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a sheet that hold a decision on this layer, with their numbers."""
    try:
        frame = _read_sheet(sheet)
    except InputError as error:
        layer.findings.extend(error.faults)
        return []
    found = {field: next((name for name in names if name in frame.columns), None) for field, names in HEADERS.items()}
    for field in ("id", "decision"):
        if found[field] is None:
            details = {"columns": ", ".join(map(str, frame.columns))}
            layer.findings.append(Fault("missing_column", file=str(sheet), column=HEADERS[field][1], details=details))
            return []
    texts = {
        field: [""] * len(frame) if name is None else frame[name].fillna("").astype(str).str.strip().tolist()
        for field, name in found.items()
    }
    first, mine = int(frame.attrs.get(FIRST_ROW, 2)), {"", Path(layer.file).name}
    rows = [dict(zip(texts, cells, strict=True)) for cells in zip(*texts.values(), strict=True)]
    return [(first + at, row) for at, row in enumerate(rows) if row["decision"] and row["file"] in mine]


def _read_sheet(path: Path) -> pd.DataFrame:
    """Read the CSV, or the sheet of a workbook that holds the review; of one without such a sheet the first."""
    for sheet in (*SHEETS, None) if path.suffix.lower() in {".xlsx", ".xls"} else (None,):
        try:
            return read_rows(path, sheet)[0]
        except InputError as error:
            if sheet is None or error.faults[0].kind != "missing_layer":
                raise
    raise AssertionError


def _unknown(sheet: Path, row: int, value: str, services: Sequence[ServiceType]) -> Fault:
    details = {"nearest": "—", "known": ", ".join(service.id for service in services)}
    return Fault("unknown_service", file=str(sheet), row=row, column="核对结果", value=value.strip(), details=details)
