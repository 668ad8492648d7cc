"""HiGHS on the programs of siting: relaxations with bounds that hold, and branch and bound from a plan in hand.

HiGHS is the solver of Huangfu and Hall 2018 (Mathematical Programming Computation 10:119-142).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np

from livingcircle.kernel.siting.mixed_integer import Program
from livingcircle.kernel.siting.solution import Watch
from livingcircle.model.columns import FloatArray

FEASIBLE = 1e-7
"""How far a row may be broken."""
Outcome = Literal["optimal", "infeasible", "unfinished"]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a run found: `values` of the columns (None for none), and a bound, in the program's objective, that no choice is better than."""

    outcome: Outcome
    values: FloatArray | None
    bound: float


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """The linear relaxation: its outcome, values, the bound and by how much each column moves it (`reduced_cost`), both safe."""

    outcome: Outcome
    values: FloatArray
    bound: float
    reduced_cost: FloatArray


@dataclass(frozen=True, slots=True)
class Known:
    """The best value and bound before a run, for whoever watches; `proves` says whether the run's own bound holds for the whole problem."""

    value: float
    bound: float
    proves: bool = True


def branch_and_bound(
    written: Program,
    watch: Watch,
    start: FloatArray | None = None,
    *,
    gap: float | None = None,
    seconds: float | None = None,
    known: Known | None = None,
) -> Answer:
    """Solve a program to the watch's gap, beginning with a feasible start where there is one."""
    nothing = np.inf if written.maximise else -np.inf
    if watch.remaining_seconds <= 0:
        return Answer("unfinished", None, nothing)
    if not len(written.cost):  # HiGHS calls a program without columns empty, whatever its rows ask for
        possible = bool((written.row_lower <= FEASIBLE).all() and (written.row_upper >= -FEASIBLE).all())
        return Answer("optimal", np.zeros(0), written.constant) if possible else Answer("infeasible", None, nothing)
    limit = watch.remaining_seconds if seconds is None else min(seconds, watch.remaining_seconds)
    solver = _solver(
        limit, mip_rel_gap=watch.gap if gap is None else gap, mip_abs_gap=1e-7, mip_feasibility_tolerance=FEASIBLE
    )
    solver.passModel(_model(written, relaxed=False))
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = start.tolist()
        solver.setSolution(given)

    def look(event: Any) -> None:
        found = event.data_out
        value, bound = found.mip_primal_bound + written.constant, found.mip_dual_bound + written.constant
        if known is not None:
            better, tighter = (max, min) if written.maximise else (min, max)
            value, bound = better(value, known.value), tighter(bound, known.bound) if known.proves else known.bound
        if watch.is_stopped(value, bound):
            watch.stopped = True
        event.interrupt(watch.remaining_seconds <= 0)

    solver.cbMipInterrupt.subscribe(look)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Answer("infeasible", None, nothing)
    found = solver.getSolution()
    has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(found.col_value) if has_values and len(found.col_value) else None
    if not written.integer.any():  # a program HiGHS solves as a linear one has no bound of branches
        bound = info.objective_function_value if status == highspy.HighsModelStatus.kOptimal else nothing
    else:
        bound = info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else nothing
    done = status == highspy.HighsModelStatus.kOptimal
    return Answer("optimal" if done else "unfinished", values, float(bound) + written.constant)


def relaxation(written: Program, watch: Watch, known: Known, *, interior: bool) -> Relaxation:
    """Solve the linear relaxation by the interior-point method without crossover, or by the simplex method.

    Whatever the method's tolerance, the bound holds: it is the Lagrangian one of the prices found. With prices λ of the right sign and
    every column within its limits, no choice is worth more than λ · b + Σ max(r · lower, r · upper), r = cost − λ · matrix.
    """
    methods: dict[str, float | str] = {"solver": "ipm", "run_crossover": "off"} if interior else {"solver": "simplex"}
    solver = _solver(watch.remaining_seconds, **methods)
    solver.passModel(_model(written, relaxed=True))

    def look(event: Any) -> None:
        if watch.is_stopped(known.value, known.bound):
            watch.stopped = True
        event.interrupt(watch.remaining_seconds <= 0)

    (solver.cbIpmInterrupt if interior else solver.cbSimplexInterrupt).subscribe(look)
    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Relaxation("infeasible", np.zeros(0), np.inf if written.maximise else -np.inf, np.zeros(0))
    found = solver.getSolution()
    prices = np.array(found.row_dual) if len(found.row_dual) else np.zeros(len(written.row_lower))
    # Without crossover HiGHS sometimes gives all prices with the other sign: either is safe, one is good.
    bound, reduced_cost = min(
        (_priced(written, way * prices) for way in (1.0, -1.0)),
        key=lambda priced: priced[0] if written.maximise else -priced[0],
    )
    done = status == highspy.HighsModelStatus.kOptimal
    return Relaxation("optimal" if done else "unfinished", np.array(found.col_value), bound, reduced_cost)


def _priced(written: Program, prices: FloatArray) -> tuple[float, FloatArray]:
    """Return the Lagrangian bound of prices, and the reduced costs it is made of."""
    sign = 1.0 if written.maximise else -1.0
    price = np.nan_to_num(prices * sign)  # as of a problem to maximise: positive where the upper side binds
    price = np.where(np.isinf(written.row_upper), np.minimum(price, 0), price)
    price = np.where(np.isinf(written.row_lower), np.maximum(price, 0), price)
    side = np.where(price > 0, written.row_upper, written.row_lower)
    paid = float((price[price != 0] * side[price != 0]).sum())
    reduced_cost = sign * written.cost - written.matrix.T @ price
    best = np.maximum(reduced_cost * written.lower, reduced_cost * written.upper).sum()
    return sign * (paid + float(best)) + written.constant, np.asarray(reduced_cost)


def _solver(time_limit_seconds: float, **options: float | str) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    settings: dict[str, float | str | bool | int] = {
        "log_to_console": False,  # with output_flag off, HiGHS would not call back either
        "time_limit": max(time_limit_seconds, 1e-3),
        "random_seed": 0,
        **options,
    }
    for name, setting in settings.items():
        solver.setOptionValue(name, setting)
    return solver


def _model(written: Program, *, relaxed: bool) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = written.matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize if written.maximise else highspy.ObjSense.kMinimize
    model.col_cost_ = written.cost
    model.col_lower_, model.col_upper_ = written.lower, written.upper
    model.row_lower_, model.row_upper_ = written.row_lower, written.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = written.matrix.indptr
    model.a_matrix_.index_ = written.matrix.indices
    model.a_matrix_.value_ = written.matrix.data
    if not relaxed:
        whole, any_number = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        model.integrality_ = [whole if integer else any_number for integer in written.integer]
    return model
