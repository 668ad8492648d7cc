"""The measurements of `benchmarks.reach` as tables."""

from __future__ import annotations

from itertools import starmap
from typing import Any, NamedTuple

from benchmarks.town import ROWS

TASKS = {
    "nearest": "nearest, 20 services",
    "few": "five nearest, 20 services",
    "rows": "rows of 1,000 origins",
    "counts": "facilities around every junction",
    "people": "people around every junction",
}
AGAIN = {"counts_again": "counts", "people_again": "people"}
"""What pandana is asked again once it keeps all ranges."""

FLOOR = {"nearest": "nearest", "few": "nearest", "rows": "rows", "counts": "rows", "people": "rows"}
"""Whose replay is the floor of a task. Searches done sixteen at once may pass the floor of searches done one by one."""


class Goal(NamedTuple):
    """A figure that was asked for: at least so many times as fast, or with `at_most` no more than."""

    what: str
    asked: float
    measured: float | None
    unit: str = "×"
    at_most: bool = False

    def line(self) -> str:
        """Return a row of the table."""
        sign = "≤" if self.at_most else "≥"
        if self.measured is None:
            return f"| {self.what} | {sign} {self.asked:g} {self.unit} | not measured | |"
        met = self.measured <= self.asked if self.at_most else self.measured >= self.asked
        return f"| {self.what} | {sign} {self.asked:g} {self.unit} | {_short(self.measured)} {self.unit} | {'yes' if met else '**no**'} |"


def reach_report(found: dict[str, Any]) -> str:
    """Lay everything out as Markdown."""
    parts = [f"Measured {found['machine']}."]
    parts += starmap(_town, found["towns"].items())
    parts.append(_goals(found))
    if found["growth"]:
        parts.append(_growth(found))
    return "\n\n".join(parts)


def _town(name: str, town: dict[str, Any]) -> str:
    ours = town["rows"]["ours"]["tasks"]
    lines = [
        (
            f"**The {name}**: {town['nodes']:,} junctions, {town['edges']:,} street pieces; "
            f"{town['rows']['ours']['settled']['rows'] / ROWS:,.0f} junctions within 15 minutes of an origin on average."
        ),
        "",
        "| | " + " | ".join(TASKS.values()) + " | set-up | peak memory, GiB |",
        "|---|" + "---:|" * (len(TASKS) + 2),
    ]
    for peer, row in town["rows"].items():
        title = {"ours": "**Living Circle**", "floor": "floor: no queue at all"}.get(
            peer, f"{peer} {row.get('version', '')}"
        )
        if "error" in row:
            lines.append(f"| {title} | {row['error']} |" + " |" * (len(TASKS) + 1))
            continue
        tasks = dict(row["tasks"])
        if "nearest_and_counts" in tasks:
            tasks["nearest"] = tasks["nearest_and_counts"]
        cells = [_cell(tasks.get(task), ours[task] if peer != "ours" else None) for task in TASKS]
        if "nearest_and_counts" in tasks:
            cells[list(TASKS).index("counts")] = "in the nearest"
        peak = max((task["peak_gib"] for task in tasks.values() if "peak_gib" in task), default=0)
        setup = "" if peer == "floor" else _short(row["prepare_seconds"])
        lines.append(f"| {title} | {' | '.join(cells)} | {setup} | {'' if peer == 'floor' else f'{peak:.2f}'} |")
        if "precompute" in tasks:
            again = {AGAIN[task]: done for task, done in tasks.items() if task in AGAIN}
            cells = [_cell(again.get(task), ours[task]) for task in TASKS]
            added = tasks["precompute"].get("seconds", float("nan"))
            lines.append(f"| {peer}, ranges kept | {' | '.join(cells)} | + {_short(added)} | |")
    return "\n".join(lines)


def _cell(task: dict[str, Any] | None, ours: dict[str, Any] | None) -> str:
    """Return the seconds, `~` where only a part was done, and how many times ours that is."""
    if task is None:
        return ""
    if "error" in task:
        return task["error"][:60]
    seconds = ("~" if task["factor"] > 1 else "") + _short(task["seconds"])
    return seconds if ours is None else f"{seconds} ({_short(task['seconds'] / ours['seconds'])} ×)"


def _goals(found: dict[str, Any]) -> str:
    goals = []
    for name in found["towns"]:
        goals += _town_goals(name, found["towns"][name])
    starting = found["starting"]
    goals += [
        Goal("import of the package", 0.5, starting["import"], "s", at_most=True),
        Goal("import of the command", 0.5, starting["command"], "s", at_most=True),
        Goal("first ever compiling of all kernels, imports included", 20, starting["first"], "s", at_most=True),
    ]
    lines = ["| asked for | | measured | met |", "|---|---:|---:|---|", *(goal.line() for goal in goals)]
    again, libraries = starting["again"], starting["libraries"]
    if again is not None and libraries is not None:
        words = f"With machine code kept, a process has every kernel ready after {_short(again)} s of processor time"
        lines += ["", f"{words}, of which {_short(libraries)} s import NumPy, SciPy and Shapely."]
    return "\n".join(lines)


def _town_goals(name: str, town: dict[str, Any]) -> list[Goal]:
    rows = town["rows"]
    ours = rows["ours"]["tasks"]

    def times(peer: str, task: str, than: str) -> float | None:
        seconds = rows.get(peer, {}).get("tasks", {}).get(task, {}).get("seconds")
        return None if seconds is None else seconds / ours[than]["seconds"]

    asked = {
        "city": [
            ("nearest", "pandana", "nearest", 40),
            ("nearest", "cityseer", "nearest_and_counts", 100),
            ("nearest", "igraph", "nearest", 6),
            ("nearest", "networkit", "nearest", 3),
            ("nearest", "networkx", "nearest", 30),
            ("nearest", "scipy", "nearest", 1.7),
            ("rows", "pandana", "rows", 25),
            ("rows", "scipy", "rows", 12),
            ("rows", "networkx", "rows", 50),
            ("rows", "osmnx", "rows", 500),
            ("counts", "pandana", "counts_again", 15),
            ("people", "pandana", "people", 3),
            ("people", "pandana", "people_again", 1),
        ],
        "metropolis": [
            ("nearest", "pandana", "nearest", 130),
            ("rows", "scipy", "rows", 100),
            ("counts", "pandana", "counts_again", 100),
            ("people", "pandana", "people_again", 1),
        ],
    }
    words = {"counts_again": " with ranges kept", "people_again": " with ranges kept (an aim)", "people": " cold"}
    goals = [
        Goal(f"{name}: {TASKS[task]}, as fast as {peer}{words.get(theirs, '')}", least, times(peer, theirs, task))
        for task, peer, theirs, least in asked[name]
    ]
    few = ours["few"]["seconds"] / ours["nearest"]["seconds"]
    goals.insert(6 if name == "city" else 1, Goal(f"{name}: five nearest, time of the nearest", 2.2, few, at_most=True))
    if name == "metropolis":
        pandana = rows.get("pandana", {})
        tasks = pandana.get("tasks", {})
        whole = None
        if {"seconds"} <= tasks.get("people_again", {}).keys() & tasks.get("precompute", {}).keys():
            whole = sum((pandana["prepare_seconds"], tasks["precompute"]["seconds"], tasks["people_again"]["seconds"]))
        goals.append(
            Goal(
                f"{name}: {TASKS['people']}, as fast as pandana with its preparation",
                1,
                None if whole is None else whole / ours["people"]["seconds"],
            )
        )
        goals.append(
            Goal(f"{name}: peak memory", 2, max(task["peak_gib"] for task in ours.values()), "GiB", at_most=True)
        )
    else:
        entries = rows["ours"]["settled"]["rows"] / ours["rows"]["seconds"] / 1e6
        goals.append(Goal(f"{name}: entries of rows, one core", 11, entries, "M/s"))
        faster = ours["rows_one"]["wall_seconds"] / ours["rows_two"]["wall_seconds"]
        goals.append(Goal(f"{name}: rows on two threads, as fast as on one (clock)", 1.4, faster))
    return goals


def _growth(found: dict[str, Any]) -> str:
    towns = {name: {**row, "floor": None} for name, row in found["growth"].items()}
    for name, town in found["towns"].items():
        towns[name] = {
            **town["rows"]["ours"],
            "nodes": town["nodes"],
            "edges": town["edges"],
            "floor": town["rows"]["floor"]["tasks"],
        }
    towns = {name: row for name, row in sorted(towns.items(), key=lambda pair: pair[1]["nodes"]) if "settled" in row}

    def speed(row: dict[str, Any], task: str) -> float:
        return row["settled"][task] / row["tasks"][task]["seconds"] / 1e6

    def of_floor(row: dict[str, Any], task: str) -> str:
        replay = FLOOR[task]
        floor = (row["floor"] or {}).get(replay, {}).get("seconds")
        return "" if floor is None else f" ({speed(row, task) / (row['settled'][replay] / floor / 1e6):.0%})"

    lines = [
        "| growth | " + " | ".join(towns) + " |",
        "|---|" + "---:|" * len(towns),
        "| junctions | " + " | ".join(f"{row['nodes']:,}" for row in towns.values()) + " |",
        "| within 15 minutes of one | "
        + " | ".join(f"{row['settled']['rows'] / ROWS:,.0f}" for row in towns.values())
        + " |",
    ]
    for task, title in TASKS.items():
        seconds = (_short(row["tasks"][task]["seconds"]) for row in towns.values())
        lines.append(f"| {title}, s | " + " | ".join(seconds) + " |")
    for task, title in TASKS.items():
        speeds = (f"{speed(row, task):.1f}{of_floor(row, task)}" for row in towns.values())
        lines.append(f"| {title}: million junctions settled per second (of the floor) | " + " | ".join(speeds) + " |")
    threads = (
        row["tasks"]["rows_one"]["wall_seconds"] / row["tasks"]["rows_two"]["wall_seconds"] for row in towns.values()
    )
    lines.append("| two threads, times as fast as one | " + " | ".join(f"{times:.2f}" for times in threads) + " |")
    peaks = (max(task["peak_gib"] for task in row["tasks"].values()) for row in towns.values())
    lines.append("| peak memory, GiB | " + " | ".join(f"{peak:.2f}" for peak in peaks) + " |")
    return "\n".join(lines)


def _short(number: float) -> str:
    """Write a number with three figures at most, and no more than three decimals."""
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 1 else f"{number:.3f}"
