"""The benchmark of the searches: contestants agree on a small town, and a wrong answer is found."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
SIDE = 12
TASKS = {
    "nearest": {},
    "few": {},
    "rows": {"origins": 20},
    "counts": {},
    "people": {"every": 3},
}


@pytest.fixture
def bench(monkeypatch):
    """The modules of the benchmark, which are run from the root of the project and not installed."""
    monkeypatch.syspath_prepend(ROOT)
    names = ("agreement", "contest", "report", "town")
    return SimpleNamespace(**{name: importlib.import_module(f"benchmarks.{name}") for name in names})


@pytest.fixture
def town(bench):
    """A square of streets of uneven lengths, four to five minutes each, so that a walk of a quarter of an hour ends within it."""
    chance = np.random.default_rng(7)
    node = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    tail = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    head = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    return bench.town.Town(
        xy=np.stack(np.divmod(np.arange(node.size), SIDE), axis=1) * 300.0,
        tail=tail,
        head=head,
        ticks=chance.integers(4 * 1200, 5 * 1200, len(tail)),
        facility=np.stack([chance.choice(node.size, 6, replace=False) for _ in range(3)]),
        origins=chance.permutation(node.size),
        people=chance.integers(0, 50, node.size),
        asked=node.ravel(),
    )


@pytest.mark.parametrize(
    "name", ["benchmarks.floor", "benchmarks.peers.scipy", "benchmarks.peers.networkx", "benchmarks.peers.osmnx"]
)
def test_contestants_agree_with_us(bench, town, name):
    tasks = {task: TASKS[task] for task in ("nearest", "rows")} if name == "benchmarks.floor" else TASKS
    if name == "benchmarks.floor":
        tasks["rows"] = {"origins": len(town.origins)}
    _, ours = bench.contest.contest(
        "benchmarks.ours", town, {**TASKS, "rows": {"origins": len(town.origins)}, "people": {}}
    )
    figures, theirs = bench.contest.contest(name, town, tasks)
    done = {task: tasks[task] for task in figures["tasks"]}
    assert "rows" in done
    assert not [row for row in figures["tasks"].values() if "error" in row]
    assert bench.agreement.differing(name, town, ours, theirs, done) == []
    theirs["rows 1"] = theirs["rows 1"].copy()
    theirs["rows 1"][0] += 1
    assert len(bench.agreement.differing(name, town, ours, theirs, done)) == 1


def test_what_a_peer_answers_wrongly_is_named(bench, town):
    _, ours = bench.contest.contest("benchmarks.ours", town, TASKS | {"people": {}})
    for task in ("nearest", "few", "counts", "people"):
        theirs = {f"{task} 0": ours[f"{task} 0"].copy()}
        assert bench.agreement.differing("peer", town, ours, theirs, {task: {}}) == []
        theirs[f"{task} 0"].flat[3] += 1
        faults = bench.agreement.differing("peer", town, ours, theirs, {task: {}})
        assert len(faults) == 1
        assert faults[0].startswith(f"peer {task}")


def test_a_task_that_fails_does_not_stop_the_others(bench, town, monkeypatch):
    peer = importlib.import_module("benchmarks.peers.scipy")
    monkeypatch.setattr(peer, "nearest", lambda *_: 1 / 0)
    figures, answers = bench.contest.contest("benchmarks.peers.scipy", town, {"nearest": {}, "counts": {}})
    assert "ZeroDivisionError" in figures["tasks"]["nearest"]["error"]
    assert "nearest 0" not in answers
    assert answers["counts 0"].shape == (3, SIDE * SIDE)


def test_goals_are_met_or_not(bench):
    assert bench.report.Goal("speed", 40, 40.0).line().endswith("| yes |")
    assert bench.report.Goal("speed", 40, 39.9).line().endswith("| **no** |")
    assert bench.report.Goal("memory", 2, 2.1, "GiB", at_most=True).line().endswith("| **no** |")
    assert "not measured" in bench.report.Goal("speed", 40, None).line()
