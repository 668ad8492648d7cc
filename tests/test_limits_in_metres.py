"""Standards in metres in a whole study: the walker's pace changes minutes, never who is within the metres."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cli

STANDARD = """\
id: metres
title: {zh: 按米, en: In metres}
rules:
  - {id: pharmacy-500m, level: 10min, service: pharmacy, metric: walk_metres, operator: "<=", value: 500, unit: 米,
     minimum_share: 0.5, verification: read_in_full}
"""


@pytest.fixture
def assessed(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    study = w.write_town(tmp_path)
    standard = tmp_path / "metres.yaml"
    standard.write_text(STANDARD, encoding="utf-8")

    def run(*more):
        arguments = ["assess", str(study), "--standard", str(standard), *more]
        done = CliRunner(env={"COLUMNS": "80"}).invoke(cli.app, arguments)
        assert done.exit_code == cli.DONE, done.output
        return done.stdout

    return run


def test_who_is_within_500_metres_does_not_depend_on_how_fast_one_walks(assessed):
    found = {}
    for group in ("everyone", "older"):
        figures = json.loads(assessed("--walker", group, "--json"))
        (verdict,) = [row for row in figures["verdicts"] if row["scope"] == "study"]
        assert verdict["limit_metres"] == 500
        found[group] = verdict["residents_share"], verdict["limit_minutes"]
    assert found["everyone"][0] == found["older"][0]
    assert found["everyone"][1] == pytest.approx(500 / 1.25 / 60)
    assert found["older"][1] > found["everyone"][1]


def test_the_terminal_says_metres(assessed):
    printed = assessed()
    assert "500 米 ≥ 50 %" in printed
    assert "6.66667" not in printed


def test_the_map_says_metres_and_its_legend_only_the_limits_drawn(assessed, tmp_path):
    study = tmp_path / "study.yaml"
    arguments = ["run", str(study), "--standard", str(tmp_path / "metres.yaml"), "--output", str(tmp_path / "out")]
    assert CliRunner().invoke(cli.app, arguments).exit_code == cli.DONE
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "500 米" in page
    assert "10–15 分钟" in page
    assert "6.7" not in re.findall(r"([\d.]+)(?:–[\d.]+)? 分钟", page)
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["shown_limits"] == [5, 10, 15]
    said = {row["limit_metres"] or row["limit_minutes"] for row in record["coverage"] if row["scope"] == "study"}
    assert said == {5, 10, 15, 500}


def test_names_keep_eight_characters_on_a_narrow_terminal(assessed):
    printed = assessed()
    assert "500 米 ≥ 50 %" in printed
    assert "…" not in printed
