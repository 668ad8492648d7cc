"""One solver of ours on one case, in a process of its own: `python -m benchmarks.siting_contest {ours,highs} CASE.npz SECONDS`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from livingcircle.kernel.siting.covering import CoveringProblem, plain_covering
from livingcircle.kernel.siting.maximal import maximal_covering
from livingcircle.kernel.siting.reduction import reduced
from livingcircle.kernel.siting.solution import Stage, Watch, relative_gap


class ProcessorWatch(Watch):
    """Counts seconds of the processor, so that others on the machine do not count."""

    @property
    def remaining_seconds(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.started + self.time_limit_seconds - time.process_time())

    def tell(self, stage: str, value: float, bound: float) -> bool:
        """Note a stage."""
        self.stages.append(Stage(stage, value, bound, time.process_time() - self.started))
        return self.remaining_seconds <= 0 or relative_gap(value, bound) <= self.gap


def by_us(problem: CoveringProblem, seconds: float) -> dict[str, Any]:
    """Solve; what must hold is counted again from the problem."""
    ring = np.array([0, 1, 4, 1, 2, 2, 3, 0, 3, 4], np.int32)  # every loop is compiled once
    maximal_covering(plain_covering(np.ones(5), np.array([0, 3, 5, 7, 10], np.int32), ring, 1), Watch())
    began = time.process_time()
    small = reduced(problem)
    setup = time.process_time() - began
    left = {"options": small.options, "demands": len(small.weight)}
    del small
    began = time.process_time()
    found = maximal_covering(problem, ProcessorWatch(time_limit_seconds=seconds, started=began))
    taken = time.process_time() - began
    assert found.value == problem.weight[problem.covered(found.opened)].sum()
    assert len(found.opened) <= (problem.most_sites or 0)
    assert found.value <= found.bound
    stages = [(stage.name, stage.value, stage.bound, stage.seconds) for stage in found.stages]
    return {
        "build": setup,
        "first": found.stages[0].seconds,
        "seconds": taken,
        "value": found.value,
        "bound": found.bound,
        "gap": found.gap,
        "stages": stages,
        **left,
    }


def by_highs(problem: CoveringProblem, seconds: float) -> dict[str, Any]:
    """Hand the whole model to HiGHS as it is, with nothing known about it."""
    began = time.process_time()
    options, demands = problem.options, len(problem.weight)
    covers = csr_array((np.ones(len(problem.demand)), problem.demand, problem.indptr), shape=(options, demands)).T
    within = csr_array(np.concatenate([np.ones(options), np.zeros(demands)])[None, :])
    matrix = vstack([hstack([-covers, eye_array(demands)]), within]).tocsr()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = options + demands, demands + 1
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(options), problem.weight])
    model.col_lower_, model.col_upper_ = np.zeros(options + demands), np.ones(options + demands)
    model.row_lower_ = np.full(demands + 1, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.zeros(demands), [float(problem.most_sites or 0)]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    model.integrality_ = [highspy.HighsVarType.kInteger] * options + [highspy.HighsVarType.kContinuous] * demands
    solver = highspy.Highs()
    for name, setting in {"output_flag": False, "time_limit": seconds, "threads": 1}.items():
        solver.setOptionValue(name, setting)
    solver.passModel(model)
    setup = time.process_time() - began
    solver.run()
    opened = np.flatnonzero(np.array(solver.getSolution().col_value)[:options] > 0.5).astype(np.int32)
    value = float(problem.weight[problem.covered(opened)].sum())
    bound = min(float(solver.getInfo().mip_dual_bound), float(problem.weight.sum()))
    return {
        "build": setup,
        "seconds": time.process_time() - began,
        "value": value,
        "bound": bound,
        "gap": relative_gap(value, bound),
    }


def peak_mebibytes() -> float:
    """Return the most memory this process has held; what `getrusage` says counts the process it was started from as well."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return float("nan")
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


def main() -> None:
    """Answer on one line."""
    how, path, seconds = sys.argv[1:]
    with np.load(path) as case:
        problem = plain_covering(case["weight"], case["indptr"], case["demand"], int(case["sites"]))
    before = peak_mebibytes()
    answer = {"ours": by_us, "highs": by_highs}[how](problem, float(seconds))
    answer["mebibytes"], answer["mebibytes_before"] = peak_mebibytes(), before
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
