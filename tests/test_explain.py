"""The verb `explain`: a walk in words, figures and GeoJSON, on a town of one street with answers from arithmetic."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.errors import InputError
from livingcircle.model.route import NoRoute
from livingcircle.render.routes import route_figures
from livingcircle.render.terminal import Terminal
from livingcircle.settings import read_study


@pytest.fixture(scope="module")
def study_file(tmp_path_factory):
    return w.write_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def study(study_file):
    return cases.load(read_study(study_file))


def call(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments], env={"COLUMNS": "100"})


def test_every_route_takes_what_the_assessment_says(study, study_file):
    reach = cases.assess(study, read_study(study_file)).reach
    for home, home_id in enumerate(study.homes.ids):
        route = cases.explain(study, home_id, "pharmacy").route
        assert route.seconds == reach.seconds[0, home]
        assert route.metres == pytest.approx(w.HOME_METRES[home], abs=1.1)
        assert route.detour_ratio == pytest.approx(1, abs=0.02)


def test_a_service_may_be_named_in_chinese_and_a_facility_by_id(study):
    assert cases.explain(study, "H2", "药店", "P1").route.facility == 0


def test_all_that_is_unknown_is_said_at_once(study):
    with pytest.raises(InputError) as caught:
        cases.explain(study, "H9", "farmacy", "P9")
    assert [fault.kind for fault in caught.value.faults] == ["unknown_home", "unknown_facility", "unknown_service"]
    assert "H" in caught.value.faults[0].details["nearest"]
    with pytest.raises(InputError) as caught:
        cases.explain(study, "H1", "kindergarten", "P1")
    (fault,) = caught.value.faults
    assert fault.kind == "facility_without_service"
    assert "药店" in fault.remedy("zh")


def test_a_service_nobody_recorded_is_insufficient_data_not_uncovered(study_file):
    figures = json.loads(call("explain", study_file, "--home", "H1", "--service", "kindergarten", "--json").stdout)
    assert figures["reason"] == NoRoute.NO_FACILITY
    assert figures["seconds"] is None
    assert [rule["covered"] for rule in figures["requirements"]] == [None]
    assert "数据不足" in call("explain", study_file, "--home", "H1", "--service", "kindergarten").stdout


def test_a_home_off_the_streets_says_so(tmp_path):
    file = w.write_town(tmp_path)
    homes = [("H1", *w.lonlat(100), 1), ("H2", 121.0, 33.0, 2)]
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    study = cases.load(read_study(file))
    assert cases.explain(study, "H2", "pharmacy").reason == NoRoute.HOME_UNJOINED
    done = call("explain", file, "--home", "H2", "--service", "pharmacy", "-l", "en", "-o", tmp_path / "walk.geojson")
    assert done.exit_code == cli.DONE
    assert "not joined" in done.stdout
    drawn = json.loads((tmp_path / "walk.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["kind"] for feature in drawn["features"]] == ["home"]


def test_the_words_say_how_far_beyond_the_limit(study_file):
    """H3 walks 500 m: 6.7 minutes at 1.25 m/s, 1.7 beyond five and within fifteen."""
    said = call("explain", study_file, "--home", "H3", "--service", "pharmacy").stdout
    assert "6.7 分钟" in said
    assert "未覆盖，超出 1.7 分钟" in said
    assert "15 分钟要求（TOWN 2）：已覆盖" in said
    assert "<script>alert(1)</script>" in said


def test_json_and_geojson_hold_the_same_figures(study_file, tmp_path):
    file = tmp_path / "out" / "walk.geojson"
    done = call("explain", study_file, "--home", "H3", "--service", "pharmacy", "--json", "-o", file)
    figures, drawn = json.loads(done.stdout), json.loads(file.read_text(encoding="utf-8"))
    assert figures["files"]["route"] == str(file)
    assert drawn["explanation"]["seconds"] == figures["seconds"]
    assert drawn["explanation"]["attribution"] == figures["attribution"]
    assert sum(figures["parts"].values()) == pytest.approx(figures["seconds"])
    steps = [feature for feature in drawn["features"] if "step" in feature["properties"]]
    assert sum(step["properties"]["metres"] for step in steps) == pytest.approx(figures["metres"])
    (home,) = (feature for feature in drawn["features"] if feature["properties"]["kind"] == "home")
    assert np.allclose(home["geometry"]["coordinates"], w.lonlat(500), atol=1e-6)
    assert np.allclose(steps[0]["geometry"]["coordinates"][0], w.lonlat(500), atol=1e-6)
    assert np.allclose(steps[-1]["geometry"]["coordinates"][-1], w.lonlat(0), atol=1e-6)


def test_a_file_that_cannot_be_written_is_faulty_input(study_file, tmp_path):
    (tmp_path / "folder").mkdir()
    done = call("explain", study_file, "--home", "H3", "--service", "pharmacy", "-o", tmp_path / "folder")
    assert done.exit_code == cli.INPUT_ERROR


def test_routes_of_a_real_city_take_what_the_search_says(pytestconfig):
    settings = read_study(pytestconfig.rootpath / "configs" / "helsinki.yaml")
    study = cases.load(settings)
    reach = cases.assess(study, settings).reach
    checked = 0
    for service, kind in enumerate(study.standard.services):
        for home in range(service, len(study.homes), 60):
            route = cases.explain(study, str(study.homes.ids[home]), kind.id).route
            if route is None:
                assert not np.isfinite(reach.seconds[service, home])
                continue
            checked += 1
            assert (route.seconds, route.facility) == (reach.seconds[service, home], reach.facility[service, home])
            assert route.line.length == pytest.approx(route.metres, rel=0.01, abs=15)
            assert route.parts.seconds == pytest.approx(route.seconds)
    assert checked > 50


def test_what_is_assumed_of_the_walk_is_said_beneath_it(study_file):
    said = call("explain", study_file, "--home", "H1", "--service", "pharmacy", "--language", "en").stdout
    assert "All ground counts as level" in said
    figures = json.loads(call("explain", study_file, "--home", "H1", "--service", "pharmacy", "--json").stdout)
    assert "平路" in figures["walker"]["assumptions"]["zh"]
    assert figures["gates"] == []


def test_a_facility_without_a_name_is_not_quoted(study):
    nameless = np.full(len(study.facilities.names), "", object)
    study = replace(study, facilities=replace(study.facilities, names=nameless))
    console = Console(file=StringIO(), width=100)
    Terminal(console, "zh").show(route_figures(study, cases.explain(study, "H1", "pharmacy")), "route")
    said = console.file.getvalue()
    assert "无名称" in said
    assert "“”" not in said
