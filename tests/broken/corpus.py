"""A corpus of broken files: each is written beside the sound files of a small town and read through the check of a study.

A case says which role its files play, what they change in the study, and what must come of it: exactly these faults, or a reading. What
is read differs from the sound town only where a warning or note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import written_town as w
from livingcircle.model.study import Study

Changes = Mapping[str, Any] | None
"""What a case changes in the study file, by key; None where its files take the place of sound ones."""
Expected = tuple[str, int | None, str]
"""Kind, row and column of a fault."""
Write = Callable[[Path], Changes]


@dataclass(frozen=True, slots=True)
class Case:
    """One broken file: how it is written into the folder of the town, and what must come of it.

    `faults` are all faults there must be; without any the study is read, `said` are warnings or notes there must be, and `reads` says how
    the study differs from the sound town, None where it does not.
    """

    name: str
    role: str
    write: Write
    faults: tuple[Expected, ...]
    said: tuple[str, ...]
    reads: Callable[[Study], None] | None


CASES: list[Case] = []


def broken(role: str, *faults: str | tuple[object, ...]) -> Callable[[Write], Write]:
    """Register a case that must end in these faults: kinds, or kinds with row and column."""

    def register(write: Write) -> Write:
        wanted = tuple(_expected(fault) for fault in faults)
        CASES.append(Case(write.__name__, role, write, wanted, (), None))
        return write

    return register


def readable(role: str, *said: str, reads: Callable[[Study], None] | None = None) -> Callable[[Write], Write]:
    """Register a case that must be read, with these warnings or notes: as the sound town is, unless `reads` says otherwise."""

    def register(write: Write) -> Write:
        CASES.append(Case(write.__name__, role, write, (), said, reads))
        return write

    return register


def _expected(fault: str | tuple[object, ...]) -> Expected:
    kind, row, column = (fault, None, "") if isinstance(fault, str) else (*fault, "")[:3]
    return str(kind), row, str(column)  # type: ignore[return-value]  # a row is a number or None


# ── The sound town, to be broken ────────────────────────────────────────────


def homes() -> gpd.GeoDataFrame:
    """Return the homes of the town as points with `id` and `居民数`."""
    lonlat = np.array([w.lonlat(metres) for metres in w.HOME_METRES])
    ids = [f"H{number}" for number in range(1, len(lonlat) + 1)]
    return gpd.GeoDataFrame({"id": ids, "居民数": w.RESIDENTS}, geometry=shapely.points(lonlat), crs="EPSG:4326")


def districts() -> gpd.GeoDataFrame:
    """Return the two districts of the town."""
    (west, south), (middle, _), (east, _) = w.lonlat(-200), w.lonlat(850), w.lonlat(1700)
    shapes = shapely.box([west, middle], south - 0.01, [middle, east], south + 0.01)
    names = {"code": ["320601001", "320601002"], "name": ["西社区", "东社区"]}
    return gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326")


def home_rows() -> list[list[str]]:
    """Return the homes of the town as cells, the header first."""
    rows = [[f"H{number}", *map(repr, w.lonlat(metres)), str(people)] for number, (metres, people) in _numbered()]
    return [["id", "lon", "lat", "居民数"], *rows]


def _numbered() -> enumerate[tuple[int, int]]:
    return enumerate(zip(w.HOME_METRES, w.RESIDENTS, strict=True), start=1)


def csv_text(rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    """Join cells as they are, without quotation marks."""
    return end.join(separator.join(row) for row in rows) + end


def with_cell(row: int, column: int, text: str) -> list[list[str]]:
    """Return the homes with one cell changed; rows count as in a spreadsheet, columns from 0."""
    rows = home_rows()
    rows[row - 1][column] = text
    return rows


def write_homes(folder: Path, rows: list[list[str]], encoding: str = "utf-8") -> None:
    """Write the homes of the town as a CSV."""
    (folder / "homes.csv").write_text(csv_text(rows), encoding=encoding)


def cut(path: Path, share: float = 0.5) -> None:
    """Leave only the first part of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def homes_at(path: str, **more: object) -> dict[str, Any]:
    """Return the change that takes the homes from another file."""
    return {"homes": {"path": path, **more}}
