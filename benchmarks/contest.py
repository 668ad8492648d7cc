"""Measure one contestant in a process of its own: `python -m benchmarks.contest MODULE town.npz answers.npz '{"nearest": {"times": 3}}'`.

A contestant is a module with `prepare(town)`, which returns whatever it searches on, and a function for each task it takes part in. A task
gets what was prepared and the town (or its part), does the work, and returns a function that puts the result into the common form; only
the work is timed. `warm()`, where there is one, is what has to be done once per process or machine.

Common form: ticks are int32 with -1 for what is farther than the limit.

- `nearest` (services, asked): ticks to the nearest facility of each service; `few` (services, asked, 5) to the five nearest, in order.
- `rows`: origin, junction and ticks of everything within the limit of each origin, three columns in any order.
- `counts` (services, asked): how many facilities are within the limit; `people` (asked,): how many people live within it.

Other tasks are a contestant's own. Runs on numpy alone, so that a contestant can live in another Python environment.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.town import ROWS, Town

STATUS = Path("/proc/self/status")


def peak_gib(*, reset: bool = False) -> float:
    """Return the most memory this process has held, since the last reset where the system can tell (Linux)."""
    try:
        kib = next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        import resource

        kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return kib / 2**20


def measure(module: Any, prepared: Any, town: Town, task: str, cut: dict[str, int]) -> tuple[dict[str, Any], Any]:
    """Run one task several times; seconds are medians, multiplied where only a part was done.

    `cut` may say `services`, `origins` (of 1,000), `every` (so manieth junction is asked about) and `times`.
    """
    part = town.part(cut.get("services"), cut.get("origins", ROWS), cut.get("every", 1))
    factor = len(town.facility) / len(part.facility) * ROWS / cut.get("origins", ROWS) * cut.get("every", 1)
    processor, wall = [], []
    tell = None
    peak_gib(reset=True)
    for _ in range(cut.get("times", 1)):
        tell = None  # what an earlier turn found is not part of the memory of the next
        began = time.process_time(), time.perf_counter()
        tell = getattr(module, task)(prepared, part)
        processor.append(time.process_time() - began[0])
        wall.append(time.perf_counter() - began[1])
    row = {
        "seconds": statistics.median(processor) * factor,
        "wall_seconds": min(wall) * factor,
        "turns": [round(seconds, 4) for seconds in processor],
        "factor": factor,
        "peak_gib": peak_gib(),
    }
    return row, tell and tell()


def timed(work: Any) -> tuple[float, Any]:
    """Return the processor seconds of a call, and its answer."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def contest(name: str, town: Town, tasks: dict[str, dict[str, int]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let a contestant do its tasks; what fails is reported and does not stop the others."""
    import_seconds, module = timed(lambda: importlib.import_module(name))
    warm_seconds, _ = timed(getattr(module, "warm", lambda: None))
    prepare_seconds, prepared = timed(lambda: module.prepare(town))
    rows, answers = {}, {}
    for task, cut in tasks.items():
        if not hasattr(module, task):
            continue
        try:
            rows[task], answer = measure(module, prepared, town, task, cut)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a peer belongs in the table
            rows[task] = {"error": f"{type(error).__name__}: {error}"[:200]}
            continue
        for part, column in enumerate(answer if isinstance(answer, tuple) else [answer]):
            answers[f"{task} {part}"] = column
        print(f"{name} {task}: {rows[task]['seconds']:.3f} s", file=sys.stderr, flush=True)
    return {
        "version": getattr(module, "VERSION", ""),
        "import_seconds": import_seconds,
        "warm_seconds": warm_seconds,
        "prepare_seconds": prepare_seconds,
        "tasks": rows,
    }, answers


def main(name: str, town: str, answers_file: str, tasks: str) -> None:
    """Measure, write the answers, and print the figures as the only line of standard output."""
    out = os.dup(1)
    os.dup2(2, 1)  # some libraries print their progress
    figures, answers = contest(name, Town.load(Path(town)), json.loads(tasks))
    np.savez(answers_file, **{key: value for key, value in answers.items() if value is not None})
    os.write(out, json.dumps(figures).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
