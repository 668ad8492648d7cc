"""The verbs from files to results: arithmetic on the written town, every kind of bad input, and real cities."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

import written_town as w
from conftest import ROOT
from livingcircle import cases, cli
from livingcircle.errors import InputError, SitingError
from livingcircle.faults import FAULT_KINDS
from livingcircle.kernel.gauge import covered
from livingcircle.progress import STAGES, Stages
from livingcircle.render.summary import summary
from livingcircle.settings import read_study, settings_from
from livingcircle.sources.streets import streets_from_osm


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path) -> Path:
    return w.write_town(tmp_path)


def faults_of(study_file: Path) -> dict[str, list]:
    """Return the faults of a broken study by kind."""
    with pytest.raises(InputError) as caught:
        cases.load(read_study(study_file))
    found: dict[str, list] = {}
    for fault in caught.value.faults:
        found.setdefault(fault.kind, []).append(fault)
    return found


# ── Answers by arithmetic ───────────────────────────────────────────────────


def test_the_written_town_is_covered_as_arithmetic_says(study_file):
    results = cases.answer(read_study(study_file))
    coverage = results.assessment.coverage
    for limit, expected in ((300.0, w.COVERED_5), (600.0, w.COVERED_10), (900.0, w.COVERED_15)):
        whole, west, east = coverage.rows(0, limit)
        assert coverage.residents_covered[whole] == expected
        assert coverage.residents[whole] == w.TOTAL
        assert coverage.residents_covered[[west, east]].sum() == expected
    assert coverage.residents[coverage.rows(0, 300.0)].tolist() == [63, 15, 48]
    assert coverage.households[coverage.rows(0, 300.0)[0]] == 63 / 2
    walks = results.assessment.reach.seconds[0]
    assert walks == pytest.approx([metres / 1.25 for metres in w.HOME_METRES], abs=0.1)
    verdicts = dict(zip(("near", "far", "play"), results.assessment.verdicts.verdict[::3], strict=True))
    assert verdicts == {"near": "unmet", "far": "unmet", "play": "no_data"}
    assert results.assessment.verdicts.residents_short[0] == pytest.approx(0.5 * w.TOTAL - w.COVERED_5)


def test_gaps_hold_exactly_the_residents_not_covered(study_file):
    gaps = cases.answer(read_study(study_file)).gaps
    assert gaps.residents[gaps.requirement == 0].sum() == w.TOTAL - w.COVERED_5
    assert gaps.residents[gaps.requirement == 1].tolist() == [32]
    assert not (gaps.requirement == 2).any(), "of a service nobody recorded nothing is known, so it has no gaps"


def test_the_site_with_the_larger_gain_is_chosen_and_the_pharmacy_kept(study_file):
    (plan,) = cases.answer(read_study(study_file)).plans
    # C1 at 600 m adds the homes at 500 and 700 m (4 + 8), C2 at 1,400 m the one at 1,400 m (32).
    assert (plan.baseline_residents, plan.value, plan.bound, plan.status) == (w.COVERED_5, 32, 32, "optimal")
    both = cases.answer(read_study(study_file, {"siting": [{"service": "pharmacy", "sites": 2}]})).plans[0]
    assert both.marginal_residents.tolist() == [32, 12]
    assert both.share_after == (w.COVERED_5 + 44) / w.TOTAL


def test_a_slower_walker_covers_fewer_at_once(study_file):
    slow = read_study(study_file, {"walker": {"speed_metres_per_second": 0.8}})
    coverage = cases.answer(slow).assessment.coverage
    # 5 minutes are 240 m: only the home at 100 m.
    assert coverage.residents_covered[coverage.rows(0, 300.0)[0]] == 1


def test_every_stage_is_told_and_timed(study_file):
    told: list[str] = []
    stages = Stages(told.append)
    done = cases.run(read_study(study_file), stages)
    assert told == list(STAGES)
    assert set(done.results.provenance.stage_seconds) == set(STAGES) - {"write"}


# ── Outputs ─────────────────────────────────────────────────────────────────


def test_a_run_leaves_every_file_and_they_agree(study_file):
    done = cases.run(read_study(study_file))
    assert done.folder == study_file.parent / "runs" / "town"
    assert all(path.exists() for path in done.files.values())
    record = json.loads(done.files["record"].read_text(encoding="utf-8"))
    assert record["coverage"] == done.figures["coverage"]
    table = pd.read_csv(done.files["csv"] / "coverage.csv")
    whole = table[(table["scope"] == "study") & (table["service_id"] == "pharmacy") & (table["limit_minutes"] == 5)]
    assert whole["residents_covered"].tolist() == [w.COVERED_5]
    sheet = pd.read_excel(done.files["tables"], sheet_name=None, engine="calamine")
    assert len(sheet) >= 10
    homes = gpd.read_file(done.files["geopackage"], layer="homes")
    assert homes["residents"].sum() == w.TOTAL
    assert "<script>alert(1)" not in done.files["map"].read_text(encoding="utf-8")
    inputs = {entry["role_code"] if "role_code" in entry else entry["role"] for entry in record["inputs"]}
    assert {"network", "homes", "facilities", "districts", "candidates", "standard"} <= inputs


def test_every_output_carries_its_credits_and_says_what_is_estimated(tmp_path):
    done = cases.run(read_study(ROOT / "configs" / "helsinki.yaml"), folder=tmp_path / "run")
    credit, estimate = "OpenStreetMap contributors, ODbL", "居民数为估算"
    about = gpd.read_file(done.files["geopackage"], layer="about")
    overview = pd.read_excel(done.files["tables"], sheet_name=0, header=None, engine="calamine").to_string()
    texts = {
        "geopackage": about.to_string(),
        "csv": (done.files["csv"] / "about.csv").read_text(encoding="utf-8-sig"),
        "tables": overview,
        "map": done.files["map"].read_text(encoding="utf-8"),
        "record": done.files["record"].read_text(encoding="utf-8"),
    }
    for name, text in texts.items():
        assert credit in text, name
        assert estimate in text, name


def test_the_same_inputs_give_the_same_tables(study_file, tmp_path):
    first = cases.run(read_study(study_file), folder=tmp_path / "first")
    second = cases.run(read_study(study_file), folder=tmp_path / "second")
    for path in sorted(first.files["csv"].iterdir()):
        assert path.read_bytes() == (second.files["csv"] / path.name).read_bytes(), path.name
    kept, again = ({key: value for key, value in run.figures.items() if key != "provenance"} for run in (first, second))
    assert kept == again
    assert first.results.provenance.settings_sha256 == second.results.provenance.settings_sha256


def test_a_new_run_replaces_the_old_one(study_file):
    first = cases.run(read_study(study_file))
    before = first.files["record"].read_bytes()
    second = cases.run(read_study(study_file))
    assert second.files["record"].read_bytes() != before
    assert [path.name for path in second.folder.parent.iterdir()] == ["town"]


def test_what_somebody_put_into_a_run_folder_is_never_deleted(study_file):
    first = cases.run(read_study(study_file))
    (first.folder / "csv" / "my notes.docx").write_text("a week of work", encoding="utf-8")
    with pytest.raises(InputError, match="my notes"):
        cases.run(read_study(study_file))
    assert (first.folder / "csv" / "my notes.docx").exists()


def test_another_program_s_run_json_makes_no_run_folder(study_file):
    (study_file.parent / "run.json").write_text('{"scripts": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="or of another program"):
        cases.run(read_study(study_file), folder=study_file.parent)
    assert study_file.exists()


def test_a_folder_that_is_no_run_is_left_alone(study_file, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(InputError, match="something other than an earlier run"):
        cases.run(read_study(study_file), folder=precious)
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]


def test_when_writing_fails_the_former_run_stays_whole(study_file, monkeypatch):
    former = cases.run(read_study(study_file))
    before = former.files["record"].read_bytes()

    def full_disk(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("livingcircle.render.folder.write_map", full_disk)
    with pytest.raises(InputError, match="no space left"):
        cases.run(read_study(study_file))
    assert former.files["record"].read_bytes() == before
    assert [path.name for path in former.folder.parent.iterdir()] == ["town"]


def test_areas_alone_go_to_one_file(study_file, tmp_path):
    settings = read_study(study_file)
    results = cases.answer(settings, siting=False)
    file = cases.write_areas(results, settings, tmp_path / "deep" / "areas.gpkg")
    assert {"isochrones", "gaps", "homes"} <= set(gpd.list_layers(file)["name"])
    assert results.plans == ()


# ── Bad input ───────────────────────────────────────────────────────────────


def test_all_faults_of_all_files_come_in_one_report(study_file):
    folder = study_file.parent
    (folder / "streets.osm").unlink()
    w.write_table(folder / "pharmacies.csv", ("id", "lon", "lat"), [("P1", "east", 31), ("P1", 121, 95)])
    w.change(folder / "study.yaml", "residents: 居民数", "residents: 人口")
    w.change(folder / "study.yaml", "service: pharmacy, sites: 1", "service: pharmacie, sites: 1")
    w.change(folder / "standard.yaml", "- {id: far", "- {id: near")
    (folder / "districts.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    kinds = faults_of(study_file)
    expected = {
        "missing_file",
        "missing_column",
        "bad_coordinate",
        "coordinate_range",
        "duplicate_id",
        "duplicate_requirement",
        "empty_layer",
    }
    assert expected <= set(kinds)
    assert kinds["missing_file"][0].file.endswith("streets.osm")
    assert {(fault.row, fault.column) for fault in kinds["bad_coordinate"]} == {(2, "lon")}
    for fault in (fault for found in kinds.values() for fault in found):
        assert fault.remedy("zh")
        assert fault.remedy("en")
        assert "{" not in fault.sentence("zh") + fault.sentence("en")


def test_an_unknown_service_names_the_nearest(study_file):
    w.change(study_file, "service: pharmacy, sites: 1", "service: pharmacie, sites: 1")
    (fault,) = faults_of(study_file)["unknown_service"]
    assert fault.column == "siting[1].service"
    assert "pharmacy" in fault.remedy("en")


def test_a_service_without_a_limit_in_the_standard_needs_one_in_the_task(study_file):
    w.change(study_file.parent / "standard.yaml", "service: kindergarten", "service: bank")
    w.change(study_file, "service: pharmacy, sites: 1", "service: kindergarten, sites: 1")
    assert set(faults_of(study_file)) == {"no_limit"}


@pytest.mark.parametrize(
    ("crs", "kind"),
    [
        ("EPSG:4326", "geographic_crs"),
        ("EPSG:2263", "not_metres"),
        ("EPSG:1", "unknown_crs"),
        ("EPSG:3857", "distorting_crs"),
    ],
)
def test_a_study_crs_that_cannot_measure_walks_is_refused(study_file, crs, kind):
    w.change(study_file, "id: town", f"id: town\ncrs: {crs}")
    assert kind in faults_of(study_file)


def test_homes_far_off_are_listed_and_all_of_them_off_is_a_fault(study_file):
    folder = study_file.parent
    homes = [("H1", *w.lonlat(100), 1), ("H2", 121.0, 33.0, 2)]
    w.write_table(folder / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    study = cases.load(read_study(study_file))
    (warning,) = (fault for fault in study.warnings if fault.kind == "outside_study")
    assert "H2" in warning.problem("zh")
    assert "住宅" in warning.problem("zh")
    coverage = cases.assess(study, read_study(study_file)).coverage
    assert coverage.residents_unjoined[0] == 2
    w.write_table(folder / "homes.csv", ("id", "lon", "lat", "居民数"), homes[1:])
    assert "all_outside_study" in faults_of(study_file)


def test_a_network_that_ends_near_homes_is_warned_of(study_file):
    study = cases.load(read_study(study_file))
    (warning,) = (fault for fault in study.warnings if fault.kind == "edge_effect")
    assert warning.details["metres"] == 15 * 60 * 1.25


@pytest.mark.parametrize(
    ("siting", "kind"),
    [
        ({"service": "pharmacy", "sites": 3}, "too_many_sites"),
        ({"service": "pharmacy", "sites": 1, "limit_minutes": 0.2}, "no_candidate"),
    ],
)
def test_an_impossible_plan_says_why_and_leaves_nothing_behind(study_file, siting, kind):
    folder = study_file.parent
    w.write_table(
        folder / "candidates.csv",
        ("id", "lon", "lat", "名称"),
        [("C1", *w.lonlat(600), "甲"), ("C2", *w.lonlat(800), "乙")],
    )
    with pytest.raises(SitingError) as caught:
        cases.run(read_study(study_file, {"siting": [siting]}))
    assert [fault.kind for fault in caught.value.faults] == [kind]
    assert not (folder / "runs").exists()


def test_homes_no_candidate_could_help_do_not_stop_a_run(study_file):
    homes = [("H1", *w.lonlat(100), 1), ("H2", *w.lonlat(200), 2), ("H3", 121.0, 33.0, 4)]
    w.write_table(study_file.parent / "homes.csv", ("id", "lon", "lat", "居民数"), homes)
    settings = read_study(study_file, {"siting": [{"service": "pharmacy", "sites": 1, "limit_minutes": 10}]})
    assert cases.answer(settings).plans[0].status == "nothing_to_gain"


def test_nothing_to_gain_is_a_plan_that_says_so(study_file):
    settings = read_study(study_file, {"siting": [{"service": "pharmacy", "sites": 1, "limit_minutes": 30}]})
    assert cases.answer(settings).plans[0].status == "nothing_to_gain"


def test_a_service_whose_facilities_meet_no_street_is_unknown_not_unmet(study_file):
    w.write_table(
        study_file.parent / "pharmacies.csv",
        ("id", "lon", "lat", "名称"),
        [("P1", *w.lonlat(0), "近"), ("P2", 121.0, 33.0, "远")],
    )
    (study_file.parent / "schools.csv").write_text("id,lon,lat\nK1,121.0,33.0\n", encoding="utf-8")
    w.change(study_file, "districts:", "  - {kind: layer, path: schools.csv, service: kindergarten}\ndistricts:")
    # Two of three facilities lie far off; the only kindergarten is one of them.
    assessment = cases.answer(read_study(study_file)).assessment
    assert assessment.verdicts.verdict[::3].tolist() == ["unmet", "unmet", "no_data"]


def test_siting_takes_a_service_by_its_chinese_name(study_file):
    settings = read_study(study_file, {"siting": [{"service": "药店", "sites": 1}]})
    assert cases.answer(settings).plans[0].value == 32


def test_a_plan_for_a_service_nobody_recorded_claims_no_coverage_before(study_file):
    settings = read_study(study_file, {"siting": [{"service": "kindergarten", "sites": 1}]})
    (plan,) = summary(cases.answer(settings))["plans"]
    assert plan["share_before"] is None
    assert plan["value"] == 32


def test_two_tasks_of_one_service_keep_their_sites_apart(study_file):
    tasks = [{"service": "pharmacy", "sites": sites} for sites in (1, 2)]
    plans = summary(cases.answer(read_study(study_file, {"siting": tasks})))["plans"]
    assert [[site["candidate_id"] for site in plan["sites"]] for plan in plans] == [["C2"], ["C2", "C1"]]


def test_a_limit_of_odd_minutes_is_exact(study_file):
    # 4.1 minutes are 246 seconds, though 60 × 4.1 is a hair less in binary: at 1.25 m/s, 307.5 m.
    folder = study_file.parent
    w.write_table(
        folder / "homes.csv", ("id", "lon", "lat", "居民数"), [("H1", *w.lonlat(307.5), 1), ("H2", *w.lonlat(700), 2)]
    )
    w.change(
        folder / "standard.yaml",
        'limit_minutes: 5, citation: {document: TOWN, clause: "1"',
        'limit_minutes: 4.1, citation: {document: TOWN, clause: "1"',
    )
    results = cases.answer(read_study(study_file))
    assert results.assessment.reach.seconds[0, 0] == 246
    coverage = results.assessment.coverage
    assert coverage.residents_covered[coverage.rows(0, 246.0)[0]] == 1


def test_residents_from_households_are_said_to_be_estimated_and_the_reverse_is_not(study_file):
    folder = study_file.parent
    assert not summary(cases.answer(read_study(study_file)))["residents_estimated"], (
        "residents are given, households follow"
    )
    w.write_table(
        folder / "homes.csv", ("id", "lon", "lat", "户数"), [("H1", *w.lonlat(100), 3), ("H2", *w.lonlat(700), 2)]
    )
    w.change(study_file, "residents: 居民数", "households: 户数")
    figures = summary(cases.answer(read_study(study_file)))
    assert figures["residents_estimated"]
    assert figures["counts"]["residents"] == 10


def test_every_layer_s_credit_is_shown(study_file):
    folder = study_file.parent
    (west, south), (east, north) = w.lonlat(-100), w.lonlat(1600)
    cell = shapely.box(west, south - 1, east, north + 1)
    gpd.GeoDataFrame({"people": [630.0]}, geometry=[cell], crs="EPSG:4326").to_file(folder / "cells.gpkg")
    cells = "{path: cells.gpkg, residents: people, attribution: 人口局}"
    w.change(
        study_file,
        "residents_per_household: 2}",
        f"residents_per_household: 2, attribution: 住建局, population: {cells}}}",
    )
    study = cases.load(read_study(study_file))
    assert study.attribution[1:] == ("住建局", "人口局")
    (warning,) = (fault for fault in study.warnings if fault.kind == "residents_spread")
    assert "按住宅处数平均" in warning.problem("zh"), "points have no area to weigh by"


def test_streets_that_are_not_of_openstreetmap_do_not_credit_it(study_file):
    w.change(
        study_file, "kind: osm_file, path: streets.osm", "kind: osm_file, path: streets.osm, attribution: 虚构示例"
    )
    assert cases.load(read_study(study_file)).attribution == ("虚构示例",)


def test_a_credit_in_two_languages_is_told_in_that_of_each_output(study_file):
    """A study in English, in a city whose map is in Chinese."""
    folder = study_file.parent
    w.change(study_file, "path: streets.osm", "path: streets.osm, attribution: 自绘 / Own survey")
    w.change(study_file, "{folder: runs}", "{folder: runs, rasters: true, language: en}")
    city = "{id: c, title: {zh: 城, en: City}, studies: [study.yaml], folder: all, workers: 1, language: zh}"
    (folder / "city.yaml").write_text(city, encoding="utf-8")
    told = [CliRunner().invoke(cli.app, ["run", str(study_file), "-l", "en"]).output]
    assert CliRunner().invoke(cli.app, ["batch", str(folder / "city.yaml"), "-q"]).exit_code == cli.DONE
    made = folder / "runs" / "town"
    told += [page.read_text(encoding="utf-8") for page in (made / "map.html", *(made / "plans").glob("*-1-*.html"))]
    sheet = CalamineWorkbook.from_path(made / "tables.xlsx").get_sheet_by_index(0).to_python()
    with rasterio.open(next((made / "rasters").glob("*.tif"))) as raster:
        told += [repr(sheet), raster.tags()["ATTRIBUTION"]]
    assert [("Own survey" in text, "自绘" in text) for text in told] == [(True, False)] * 5
    (of_city,) = (page.read_text(encoding="utf-8") for page in folder.rglob("city/*.html"))
    assert ("Own survey" in of_city, "自绘" in of_city) == (False, True)


def test_all_parts_of_a_shapefile_are_digested(study_file):
    folder = study_file.parent
    homes = gpd.GeoDataFrame(
        {"residents": list(w.RESIDENTS)},
        geometry=gpd.points_from_xy(*zip(*(w.lonlat(metres) for metres in w.HOME_METRES), strict=True)),
        crs="EPSG:4326",
    )
    w.change(
        study_file, "homes.csv, columns: {id: id, residents: 居民数}", "homes.shp, columns: {residents: residents}"
    )
    homes.to_file(folder / "homes.shp")
    first = cases.load(read_study(study_file)).inputs
    homes.assign(residents=homes["residents"] * 7).to_file(folder / "homes.shp")
    second = cases.load(read_study(study_file)).inputs
    assert [file.path for file in first if file.role == "homes"] == [
        "homes.cpg",
        "homes.dbf",
        "homes.prj",
        "homes.shp",
        "homes.shx",
    ]
    assert {file.path for file, other in zip(first, second, strict=True) if file.sha256 != other.sha256} == {
        "homes.dbf"
    }
    assert [file.path for file in first if file.role == "standard"] == ["standard.yaml"]


def test_two_services_may_share_a_name(study_file, tmp_path):
    standard = study_file.parent / "standard.yaml"
    services = "services:\n" + "".join(
        f"  - {{id: {name}, zh: 学校, en: School, osm: [{{amenity: school}}]}}\n" for name in ("school_a", "school_b")
    )
    text = standard.read_text(encoding="utf-8").replace("service: kindergarten", "service: school_a")
    source = '{document: TOWN, clause: "4", quote: "", verification: read_in_full}'
    rule = f"  - {{id: b, service: school_b, limit_minutes: 5, citation: {source}}}\n"
    standard.write_text(text.replace("requirements:", services + "requirements:") + rule, encoding="utf-8")
    assert cases.run(read_study(study_file)).files["tables"].is_file()


def test_check_reports_instead_of_raising(study_file):
    checked = cases.check(read_study(study_file))
    assert checked.study is not None
    assert not checked.faults
    (study_file.parent / "homes.csv").unlink()
    checked = cases.check(read_study(study_file))
    assert checked.study is None
    assert [fault.kind for fault in checked.faults] == ["missing_file"]


def test_every_fault_kind_can_be_raised_somewhere():
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "coverage" / "livingcircle").rglob("*.py")
        if "faults" not in path.parts or path.name == "unreadable.py"
    )
    unused = [kind for kind in FAULT_KINDS if f'"{kind}"' not in code]
    assert not unused


# ── Other sources ───────────────────────────────────────────────────────────


def test_streets_read_from_the_cache_are_the_same(study_file):
    first, again = (cases.load(read_study(study_file)) for _ in range(2))
    assert np.array_equal(first.network.streets.metres, again.network.streets.metres)
    assert first.warnings == again.warnings


def test_population_cells_are_spread_over_homes(study_file):
    folder = study_file.parent
    (west, south), (east, north) = w.lonlat(-100), w.lonlat(1600)
    cell = gpd.GeoDataFrame(
        {"people": [630.0]},
        geometry=gpd.GeoSeries.from_wkt(
            [
                f"POLYGON(({west} {south - 1}, {east} {south - 1}, {east} {north + 1}, {west} {north + 1}, {west} {south - 1}))"
            ]
        ),
        crs="EPSG:4326",
    )
    cell.to_file(folder / "cells.gpkg")
    w.change(
        study_file,
        "residents_per_household: 2}",
        "residents_per_household: 2, population: {path: cells.gpkg, residents: people}}",
    )
    homes = cases.load(read_study(study_file)).homes
    assert homes.residents.sum() == pytest.approx(630)
    assert homes.residents == pytest.approx(np.full(6, 105))


def test_a_place_is_downloaded_with_its_buffer_and_then_answered(study_file, monkeypatch):
    asked = []

    def stand_in(place, buffer_metres, crs, cache, date):
        asked.append((place, buffer_metres, crs, cache.name, date))
        return streets_from_osm(study_file.parent / "streets.osm", crs)

    monkeypatch.setattr("livingcircle.readers.streets.streets_from_place", stand_in)
    w.change(study_file, "kind: osm_file, path: streets.osm", "kind: osm_place, place: 一街小镇, buffer_metres: 2000")
    figures = summary(cases.answer(read_study(study_file)))
    assert asked == [("一街小镇", 2000, None, "osmnx", None)]
    assert figures["verdicts"][0]["residents_share"] == w.COVERED_5 / w.TOTAL


def test_a_graph_saved_by_osmnx_serves_as_network(study_file, monkeypatch):
    import osmnx

    monkeypatch.setattr(osmnx.settings, "useful_tags_way", ["highway"])
    graph = osmnx.graph_from_xml(study_file.parent / "streets.osm", simplify=False)
    osmnx.save_graphml(graph, study_file.parent / "streets.graphml")
    w.change(study_file, "kind: osm_file, path: streets.osm", "kind: graphml, path: streets.graphml")
    figures = summary(cases.answer(read_study(study_file)))
    assert figures["verdicts"][0]["residents_share"] == w.COVERED_5 / w.TOTAL
    assert figures["counts"]["street_kilometres"] == pytest.approx(1.5, abs=1e-4)


def test_osm_facilities_can_be_limited_to_some_services(tmp_path):
    settings = read_study(
        ROOT / "configs" / "helsinki.yaml",
        {
            "facilities": [
                {"kind": "osm_tags", "path": str(ROOT / "data/helsinki/helsinki.osm.pbf"), "services": ["pharmacy"]}
            ],
            "siting": [],
        },
    )
    study = cases.load(settings)
    present = study.facilities.serves.any(axis=0)
    assert [service.id for service, there in zip(study.standard.services, present, strict=True) if there] == [
        "pharmacy"
    ]


def test_sample_figures_hold_together():
    results = cases.answer(read_study(ROOT / "configs" / "helsinki.yaml"))
    figures = summary(results)
    shares = [row["residents_share"] for row in figures["coverage"] if row["residents_share"] is not None]
    assert min(shares) >= 0
    assert max(shares) <= 1
    coverage, homes = results.assessment.coverage, results.study.homes
    for service in range(len(results.study.standard.services)):
        by_limit = [coverage.residents_covered[coverage.rows(service, limit)[0]] for limit in (300.0, 600.0, 900.0)]
        assert by_limit == sorted(by_limit)
    assert coverage.residents[0] == pytest.approx(homes.residents.sum())
    for plan in results.plans:
        assert plan.value <= plan.bound * (1 + 1e-9)
        assert plan.baseline_residents + plan.value == pytest.approx((homes.residents * plan.covered_after).sum())
    assert any("OpenStreetMap" in credit for credit in figures["attribution"])
    assert figures["residents_estimated"]


@pytest.mark.real_city
def test_pharmacies_of_las_palmas_cover_what_an_exact_reference_found(shared_data, tmp_path):
    """46.2 / 67.7 / 79.9 % at 5/10/15 min: all buildings, weighted by footprint, exact edge joining and timed access legs at 1.25 m/s.

    Ours lie within 1.5 points. What differs: our own walking rules (shared cycleways and squares are walked, roads without a pavement are
    not), more of the network's parts kept than the largest alone, and duplicate pharmacies merged.
    """
    from livingcircle.kernel.anchor import join_points
    from livingcircle.kernel.impedance import impedance
    from livingcircle.kernel.reach import reach_nearest
    from livingcircle.sources.osm import read_buildings

    pbf = str(shared_data / "laspalmas" / "las_palmas_20230221.osm.pbf")
    content = {
        "id": "las-palmas",
        "title": {"en": "Las Palmas"},
        "network": {"kind": "osm_file", "path": pbf},
        "homes": {"kind": "osm_buildings", "path": pbf},
        "facilities": [{"kind": "osm_tags", "path": pbf, "services": ["pharmacy"]}],
    }
    study = cases.load(settings_from(content, tmp_path / "study.yaml"))
    footprints = gpd.GeoSeries(read_buildings(Path(pbf)).geometry, crs="EPSG:4326").to_crs(study.crs)
    centres, area = footprints.centroid, footprints.area.to_numpy()
    anchors = join_points(np.column_stack([centres.x, centres.y]), study.network, 500)
    pharmacy = [service.id for service in study.standard.services].index("pharmacy")
    serves = study.facilities.serves[:, [pharmacy]]
    seconds = reach_nearest(
        study.network, impedance(study.network, 1.25), anchors, study.facility_anchors, serves
    ).seconds[0]
    joined = anchors.joined
    share = [100 * area[joined & covered(seconds, limit)].sum() / area[joined].sum() for limit in (300, 600, 900)]
    assert share == pytest.approx([46.2, 67.7, 79.9], abs=1.5)


@pytest.mark.real_city
def test_the_core_of_nanjing_is_answered_whole(shared_data, tmp_path):
    osm = str(shared_data / "nanjing" / "nanjing_core_20210612.osm")
    content = {
        "id": "nanjing",
        "title": {"zh": "南京新街口"},
        "network": {"kind": "osm_file", "path": osm},
        "homes": {
            "kind": "osm_buildings",
            "path": osm,
            "residential_buildings": ["apartments", "residential", "yes"],
            "default_levels": 6,
        },
        "facilities": [{"kind": "osm_tags", "path": osm}],
        "candidates": {"kind": "junctions"},
        "siting": [{"service": "pharmacy", "sites": 3, "limit_minutes": 5}],
        "outputs": {"folder": str(tmp_path)},
    }
    done = cases.run(settings_from(content, tmp_path / "study.yaml"))
    assert done.figures["counts"]["homes"] > 500
    assert done.figures["plans"][0]["gap"] == pytest.approx(0, abs=1e-6)
