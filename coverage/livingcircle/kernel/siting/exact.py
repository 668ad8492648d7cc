"""The best plan, or how far from it the one in hand can be: an integer program for HiGHS.

maximise Σ wᵢ yᵢ   subject to   yᵢ ≤ Σ_{j covers i} xⱼ,   Σ xⱼ ≤ p,   x binary,   0 ≤ y ≤ 1

Its linear relaxation, solved by the interior-point method, is a bound within about one per cent on street networks; branch and bound then
starts from the heuristic's plan and is stopped by the clock. HiGHS is the solver of Huangfu and Hall 2018 (Mathematical Programming
Computation 10:119-142).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from livingcircle.kernel.siting.problem import ReducedProblem
from livingcircle.model.columns import FloatArray, IntArray

PROVEN = 1e-9
"""Relative distance of value and bound at which a plan counts as optimal."""


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A choice of positions and an upper bound on what any choice can cover."""

    chosen: IntArray
    bound: float


def prove(problem: ReducedProblem, start: IntArray, start_value: float, time_limit_seconds: float) -> Proof:
    """Improve a plan and bound it, within a time limit; the plan returned is never worse than `start`."""
    deadline = time.monotonic() + time_limit_seconds
    best = Proof(start, float(problem.weight.sum()))
    if _proven(start_value, best.bound):
        return best
    model = _model(problem)
    relaxed = _solver(time_limit_seconds, solver="ipm", run_crossover="off")
    relaxed.passModel(model)
    relaxed.run()
    if relaxed.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        best = Proof(start, min(best.bound, _dual_bound(problem, relaxed)))
    remaining = deadline - time.monotonic()
    if remaining <= 0 or _proven(start_value, best.bound):
        return best
    integrality = [highspy.HighsVarType.kInteger] * len(problem.candidate)
    model.integrality_ = integrality + [highspy.HighsVarType.kContinuous] * len(problem.weight)
    solver = _solver(remaining, mip_rel_gap=0.0, mip_abs_gap=1e-6)
    solver.passModel(model)
    solution = highspy.HighsSolution()
    solution.col_value = _start_values(problem, start).tolist()
    solver.setSolution(solution)
    solver.run()
    info = solver.getInfo()
    bound = min(best.bound, info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else best.bound
    found = np.array(solver.getSolution().col_value)
    if not len(found):
        return Proof(start, bound)
    chosen = np.flatnonzero(found[: len(problem.candidate)] > 0.5).astype(np.int32)
    return Proof(chosen, bound)


def _proven(value: float, bound: float) -> bool:
    return bound - value <= PROVEN * max(bound, 1.0)


def _solver(time_limit_seconds: float, **options: float | str) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, setting in {"output_flag": False, "time_limit": time_limit_seconds, "random_seed": 0, **options}.items():
        solver.setOptionValue(name, setting)
    return solver


def _model(problem: ReducedProblem) -> highspy.HighsLp:
    candidates, demands = len(problem.candidate), len(problem.weight)
    covers = csr_array(
        (np.ones(len(problem.demand)), problem.demand, problem.indptr), shape=(candidates, demands)
    ).T.tocsr()
    matrix = vstack(
        [
            hstack([-covers, eye_array(demands)]),
            csr_array(np.concatenate([np.ones(candidates), np.zeros(demands)])[None, :]),
        ]
    ).tocsr()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = candidates + demands, demands + 1
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([np.zeros(candidates), problem.weight])
    model.col_lower_ = np.zeros(candidates + demands)
    model.col_upper_ = np.ones(candidates + demands)
    model.row_lower_ = np.full(demands + 1, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate([np.zeros(demands), [float(problem.sites)]])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    return model


def _dual_bound(problem: ReducedProblem, relaxed: highspy.Highs) -> float:
    """Return a bound that holds whatever the tolerance of the interior-point method.

    For any prices 0 ≤ πᵢ ≤ wᵢ: covered residents ≤ Σ (wᵢ − πᵢ) + the sum of the p largest Σ_{i ∈ j} πᵢ, since a plan collects at most the
    full rest of every demand and p prices.
    """
    duals = np.abs(np.array(relaxed.getSolution().row_dual)[:-1])
    prices: FloatArray = np.minimum(duals, problem.weight)
    per_candidate = np.add.reduceat(prices[problem.demand], problem.indptr[:-1])
    best = np.sort(per_candidate)[::-1][: problem.sites]
    return float((problem.weight - prices).sum() + best.sum())


def _start_values(problem: ReducedProblem, start: IntArray) -> FloatArray:
    values = np.zeros(len(problem.candidate) + len(problem.weight))
    values[start] = 1
    for position in start:
        values[len(problem.candidate) + problem.row(int(position))] = 1
    return values
