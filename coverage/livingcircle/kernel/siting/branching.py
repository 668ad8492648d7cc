"""The best choice of what is left, by branch and bound of HiGHS, started from the choice in hand.

    max Σ wᵢ yᵢ   with   yᵢ ≤ Σ_{j ∋ i} xⱼ,   Σ xⱼ ≤ number,   Σ costⱼ xⱼ ≤ budget,   x binary,   0 ≤ y ≤ 1

HiGHS is the solver of Huangfu and Hall 2018 (Mathematical Programming Computation 10:119-142). Its bound is taken at tight tolerances
(10⁻⁹) and raised by more than those; the choice it gives is counted anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from livingcircle.kernel.siting.reduction import ReducedCovering
from livingcircle.kernel.siting.relaxation import sound_bound
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import FloatArray, IntArray

_OVERSHOOT = 0.8
"""Part of the time that is left which HiGHS is given: it notices the end about a quarter late."""
_LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Branched:
    """The better of the choice found and the one in hand, in positions, and a bound on what any choice covers."""

    chosen: IntArray
    bound: float


def branch(problem: ReducedCovering, chosen: IntArray, bound: float, watch: Watch, *, share: float = 1.0) -> Branched:
    """Return the best choice found within a share of the time left, `chosen` or better, and the lower of `bound` and the new one."""
    seconds = watch.remaining_seconds * _OVERSHOOT * share
    if seconds < _LEAST_SECONDS:
        return Branched(chosen, bound)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {
        "output_flag": False,
        "time_limit": seconds,
        "random_seed": 0,
        "threads": 1,
        "mip_rel_gap": min(watch.gap, 1.0),
        "mip_abs_gap": 0.99 if problem.whole else 0.0,
        "mip_feasibility_tolerance": 1e-9,
        "primal_feasibility_tolerance": 1e-9,
        "dual_feasibility_tolerance": 1e-9,
    }
    for name, setting in options.items():
        solver.setOptionValue(name, setting)
    solver.passModel(_model(problem))
    start = highspy.HighsSolution()
    start.col_value = _values(problem, chosen).tolist()
    solver.setSolution(start)
    solver.run()
    info = solver.getInfo()
    if np.isfinite(info.mip_dual_bound):
        bound = min(bound, sound_bound(info.mip_dual_bound * (1.0 + 1e-10), whole=problem.whole))
    values = np.array(solver.getSolution().col_value)
    if len(values):
        found = np.flatnonzero(values[: problem.options] > 0.5).astype(np.int32)
        if problem.allows(found) and problem.covered_weight(found) > problem.covered_weight(chosen):
            chosen = found
    return Branched(chosen, max(bound, problem.covered_weight(chosen)))


def _model(problem: ReducedCovering) -> highspy.HighsLp:
    options, demands = problem.options, len(problem.weight)
    covers = csr_array((np.ones(len(problem.option)), problem.option, problem.starts), shape=(demands, options))
    limits = [(np.ones(options), float(problem.most))]
    if not problem.counted:
        limits.append((problem.cost, problem.budget))
    within = np.array([amounts for amounts, _ in limits])
    matrix = vstack(
        [hstack([-covers, eye_array(demands)]), hstack([csr_array(within), csr_array((len(limits), demands))])]
    ).tocsr()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = options + demands, demands + len(limits)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(options), problem.weight])
    model.col_lower_ = np.zeros(options + demands)
    model.col_upper_ = np.ones(options + demands)
    model.row_lower_ = np.full(demands + len(limits), -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.zeros(demands), [limit for _, limit in limits]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    model.integrality_ = [highspy.HighsVarType.kInteger] * options + [highspy.HighsVarType.kContinuous] * demands
    return model


def _values(problem: ReducedCovering, chosen: IntArray) -> FloatArray:
    values = np.zeros(problem.options + len(problem.weight))
    values[chosen] = 1.0
    for option in chosen:
        values[problem.options + problem.row(int(option))] = 1.0
    return values
