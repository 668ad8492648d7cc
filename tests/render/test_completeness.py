"""How completeness is said: beside every result, with what it means where the grade is poor."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from livingcircle.model.completeness import LEAST, MOST, NetworkCompleteness
from livingcircle.render import tables
from livingcircle.render.completeness import completeness_means, completeness_remark, completeness_said
from livingcircle.render.summary import overview, summary
from livingcircle.render.terminal import Terminal
from livingcircle.render.words import WORDS


def found(grade="C", weakest="residents_far_share", districts=0, **measures):
    rows = districts + 1
    usual = {
        "kilometres": 80.0,
        "homes_far_share": 0.15,
        "residents_far_share": 0.206,
        "compounds": 10.0,
        "compound_km_per_km2": 3.7,
        "compounds_without_path": 2.0,
        "parts": 44.0,
        "apart_share": 0.054,
        "dead_ends_per_km": 1.6,
        "dropped_share": 0.0,
        "private_share": 0.0,
        "paths_share": 0.134,
    }
    return NetworkCompleteness(
        district=np.arange(-1, districts, dtype=np.int32),
        grade=np.full(rows, grade, object),
        weakest=np.full(rows, weakest, object),
        **{name: np.full(rows, value) for name, value in (usual | measures).items()},
    )


def test_figures_are_said_in_one_sentence():
    said = completeness_said(found(), 0, "en")
    for figure in (
        "moderate (C)",
        "20.6 %",
        "5.4 %",
        "1.6 dead ends",
        "13.4 %",
        "3.7 km",
        "10 of a hectare",
        "2 without",
    ):
        assert figure in said
    assert "closed by tags" not in said
    assert "2.0 % closed by tags" in completeness_said(found(dropped_share=0.02), 0, "en")
    assert "compounds" not in completeness_said(found(compounds=np.nan), 0, "en")


@pytest.mark.parametrize("measure", [*MOST, *LEAST])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_measure_says_what_it_means(measure, language):
    poor = found("D", measure)
    assert completeness_means(poor, 0, language)
    assert completeness_remark(poor, language).endswith(completeness_means(poor, 0, language))
    assert completeness_means(found("B", measure), 0, language) == ""
    assert f"weakest.{measure}" in WORDS


def test_unknown_is_said_as_unknown():
    nothing = found(
        "", "", **dict.fromkeys(("residents_far_share", "apart_share", "dead_ends_per_km", "paths_share"), np.nan)
    )
    assert "not graded" in completeness_said(nothing, 0, "en")
    assert "nan" not in completeness_said(nothing, 0, "en")


def test_it_stands_beside_every_result(town):
    graded = replace(town, study=replace(town.study, completeness=found(districts=len(town.study.districts))))
    table = tables.tables_of(graded)["network_completeness"]
    assert len(table) == 1 + len(town.study.districts)
    assert table["scope"].iloc[0] == "study"
    figures = summary(graded)
    assert figures["network_completeness"][0]["network_grade"] == "C"
    assert any("（C）" in text for _, text in overview(graded, "zh"))
    screen = StringIO()
    Terminal(Console(file=screen, width=200), "en").show(figures, "coverage")
    assert screen.getvalue().count("Completeness of the street network: moderate (C)") == 1
