"""Whether a contestant's answers are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.town import METRES_PER_TICK, ROWS, Town

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Answers = Mapping[str, NDArray[np.generic]]

LOOSE = {"cityseer": (0.15 / METRES_PER_TICK, 1e-3)}
"""Contestants in single precision: by how many ticks a walk may differ; and by which part all sums together, as a place right at the limit
may count or not."""
ASKS = {"nearest_which": "nearest", "counts_again": "counts", "people_again": "people"}
"""Tasks whose answer is that of another."""


def differing(name: str, town: Town, ours: Answers, theirs: Answers, tasks: dict[str, dict[str, int]]) -> list[str]:
    """Say for each task how its answer differs from ours; nothing when none does.

    A part of the question is held against the same part of our answer. Ticks and sums must be equal, except for contestants in `LOOSE`.
    """
    ticks_apart, sums_apart = LOOSE.get(name, (0.0, 0.0))
    faults = []
    for task, cut in tasks.items():
        asked = np.arange(town.nodes)[:: cut.get("every", 1)]
        services = slice(cut.get("services"))
        if f"{task} 0" not in theirs:
            continue
        if task == "rows":
            faults += _rows(name, ours, theirs, cut.get("origins", ROWS))
        elif task == "nearest_and_counts":
            faults += _ticks(f"{name} nearest", ours["nearest 0"][services][:, asked], theirs[f"{task} 0"], ticks_apart)
            faults += _sums(f"{name} counts", ours["counts 0"][services][:, asked], theirs[f"{task} 1"], sums_apart)
        elif ASKS.get(task, task) in {"nearest", "few"}:
            known = ours[f"{ASKS.get(task, task)} 0"][services][:, asked]
            faults += _ticks(f"{name} {task}", known, theirs[f"{task} 0"], ticks_apart)
        else:
            known = ours[f"{ASKS.get(task, task)} 0"]
            known = known[asked] if known.ndim == 1 else known[services][:, asked]
            faults += _sums(f"{name} {task}", known, theirs[f"{task} 0"], sums_apart)
    return faults


def _rows(name: str, ours: Answers, theirs: Answers, origins: int) -> list[str]:
    """Compare rows in any order; ticks too, where they are told."""
    known = np.stack([ours[f"rows {part}"] for part in range(3)]).astype(np.int64)
    known = known[:, known[0] < origins]
    parts = 3 if "rows 2" in theirs else 2
    found = np.stack([theirs[f"rows {part}"] for part in range(parts)]).astype(np.int64)
    known, found = known[:parts, np.lexsort(known[1::-1])], found[:, np.lexsort(found[1::-1])]
    return [] if np.array_equal(known, found) else [f"{name} rows: {found.shape[1]} entries, ours {known.shape[1]}"]


def _ticks(what: str, ours: NDArray[np.generic], theirs: NDArray[np.generic], apart: float) -> list[str]:
    """Compare ticks; within the tolerance of the limit one side may have nothing."""
    both = (ours >= 0) & (theirs >= 0)
    if ours.shape != theirs.shape:
        return [f"{what}: {theirs.shape}, ours {ours.shape}"]
    off = np.abs(ours[both].astype(float) - theirs[both].astype(float))
    only = np.count_nonzero((ours >= 0) != (theirs >= 0))
    worst = float(off.max(initial=0))
    allowed = ours.size * 1e-3 if apart else 0
    return [f"{what}: up to {worst:.2f} ticks apart, {only} in one alone"] if worst > apart or only > allowed else []


def _sums(what: str, ours: NDArray[np.generic], theirs: NDArray[np.generic], apart: float) -> list[str]:
    if ours.shape != theirs.shape:
        return [f"{what}: {theirs.shape}, ours {ours.shape}"]
    share = float(np.abs(ours.astype(float) - theirs.astype(float)).sum() / max(ours.astype(float).sum(), 1))
    return [f"{what}: {share:.4%} apart"] if share > apart else []
