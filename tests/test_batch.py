"""Batches: what is merged is what one study of the whole finds, and whatever ends a batch, the next one goes on with the rest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import written_town as w
from city import begin_alike, call, in_threads, write_city
from livingcircle import cases, cli
from livingcircle.batch import tasks
from livingcircle.errors import SettingsError
from livingcircle.kernel.machine_code import machine_code_folder
from livingcircle.merging import merged_homes
from livingcircle.settings import read_study
from livingcircle.settings.batch import read_batch


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    if (kept := machine_code_folder()) is not None:  # or every process would compile all loops
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(kept.parent))
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    begin_alike(tmp_path, monkeypatch)


@pytest.fixture
def city(tmp_path) -> Path:
    return write_city(tmp_path)


def test_the_city_is_the_union_and_never_the_sum(city, tmp_path):
    done = call(city, "--json")
    assert done.exit_code == cli.DONE, done.output
    figures = json.loads(done.stdout)
    rows = {
        (row["study"] or "", row["limit_minutes"]): row
        for row in figures["coverage"]
        if row["service_id"] == "pharmacy"
    }
    # At 1 m/s 5 minutes are 300 m: 100 and 300 m from the one at 0, 1,000 and 1,400 m from the one at 1,300 m. Homes on both sides of
    # the border (700 and 1,000 m) count once, each in its own district, with the nearer of the two pharmacies.
    assert rows["", 5]["residents"] == w.TOTAL
    assert rows["", 5]["residents_covered"] == 1 + 2 + 16 + 32
    assert rows["", 10]["residents_covered"] == w.TOTAL
    assert (rows["study", 5]["residents"], rows["east", 5]["residents"]) == (1 + 2 + 4 + 8, 16 + 32)
    assert rows["study", 10]["residents_covered"] == 1 + 2 + 4 + 8
    whole = tmp_path / "whole"
    whole.mkdir()
    file = w.write_town(whole)
    both = [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1300), "二")]
    w.write_table(whole / "pharmacies.csv", ("id", "lon", "lat", "名称"), both)
    settings = read_study(file, {"walker": {"speed_metres_per_second": 1.0}})
    study = cases.load(settings)
    table = cases.assess(study, settings).coverage
    for minutes in (5, 10, 15):
        assert rows["", minutes]["residents_covered"] == table.residents_covered[table.rows(0, 60.0 * minutes)[0]]


def test_what_was_computed_is_not_computed_again(city):
    first, again = in_threads(city), in_threads(city)
    assert [(one.status, one.skipped) for one in first] == [("done", False)] * 2
    assert [one.skipped for one in again] == [True, True]
    w.write_table(
        city.parent / "east" / "pharmacies.csv", ("id", "lon", "lat", "名称"), [("P3", *w.lonlat(1200), "三")]
    )
    assert [one.skipped for one in in_threads(city)] == [True, False]
    assert [one.skipped for one in in_threads(city, fresh=True)] == [False, False]


def test_a_change_of_defaults_computes_everything_again(city):
    in_threads(city)
    w.change(city, "speed_metres_per_second: 1.0", "speed_metres_per_second: 1.1")
    assert [one.skipped for one in in_threads(city)] == [False, False]


def test_one_that_fails_is_told_and_stops_no_other(city):
    (city.parent / "west" / "homes.csv").unlink()
    done = call(city)
    assert done.exit_code == cli.INPUT_ERROR
    assert "homes.csv" in done.stderr
    assert "1 项完成" in done.stdout
    figures = json.loads(call(city, "--json").stdout)
    assert [(one["study"], one["status"], one["skipped"]) for one in figures["studies"]] == [
        ("study", "failed", False),
        ("east", "done", True),
    ]
    assert not (city.parent / "out" / "study").exists()
    quiet = call(city, "-q")
    assert "homes.csv" in quiet.stderr
    assert "east" not in quiet.output


def test_districts_of_the_city_that_cannot_be_read_are_an_error(city, tmp_path):
    w.change(city, "workers: 2", "districts: {path: gone.gpkg}")
    done = call(city, "-q", "--log", tmp_path / "a.log", "--log-json")
    assert done.exit_code == cli.INPUT_ERROR
    assert "gone.gpkg" in done.stderr
    lines = [json.loads(line) for line in (tmp_path / "a.log").read_text(encoding="utf-8").splitlines()]
    assert [line["kind"] for line in lines if line["event"] == "fault"] == ["missing_file"]
    assert {line["status"] for line in lines if line["event"] == "study"} == {"done"}


def test_rows_that_a_terminal_has_no_room_for_are_counted(city, monkeypatch):
    monkeypatch.setattr("livingcircle.render.batch_terminal.MOST_ROWS", 1)
    assert "另有 2 行" in call(city).stdout


def test_what_must_be_known_of_the_city_is_in_the_journal(city, tmp_path):
    w.change(tmp_path / "east" / "east.yaml", "east, en: east", "west, en: west")
    assert call(city, "-q", "--log", tmp_path / "a.log", "--log-json").exit_code == cli.DONE
    lines = [json.loads(line) for line in (tmp_path / "a.log").read_text(encoding="utf-8").splitlines()]
    warning = next(line for line in lines if line["event"] == "warning")
    assert (warning["level"], warning["kind"], set(warning["sentence"])) == ("warning", "same_title", {"zh", "en"})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_maps_for_print_show_what_the_table_of_districts_holds(city, tmp_path, monkeypatch, language):
    for module in ("matplotlib", "typst"):
        pytest.importorskip(module)
    from PIL import Image

    from livingcircle.render.report import choropleth

    drawn, real = [], choropleth.choropleth

    def kept(*areas, **said):
        drawn.append((said, real(*areas, **said)))
        return drawn[-1][1]

    monkeypatch.setattr(choropleth, "choropleth", kept)
    w.change(city, "workers: 2", f"workers: 2\nprints: true\nlanguage: {language}")
    figures = json.loads(call(city, "--json").stdout)
    assert [warning["kind"] for warning in figures["warnings"]] == ["homes_of_neighbours"]
    out = tmp_path / "out" / "city"
    rows = pd.read_csv(out / "districts.csv", encoding="utf-8-sig")
    title = {"zh": "药店：步行 5 分钟以内的居民占比", "en": "Pharmacy: residents within 5 min on foot"}[language]
    ((said, plate),) = [one for one in drawn if one[1].title == title]
    rows = rows[rows["limit_minutes"] == 5]
    shown = [f"{row.district_name}\n{100 * row.residents_share:.1f} %" for row in rows.itertuples()]
    assert sorted(plate.labels) == sorted(shown)
    assert plate.scale_metres > 0
    assert said["language"] == language
    assert said["subtitle"] == {"zh": "两区之城", "en": "City of two"}[language]
    with Image.open(out / "maps" / "pharmacy-5min.png") as picture:
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert (out / "maps.pdf").read_bytes().startswith(b"%PDF")
    before = [(out / name).read_bytes() for name in ("maps.pdf", "maps/pharmacy-5min.png")]
    assert call(city, "-q").exit_code == cli.DONE
    assert [(out / name).read_bytes() for name in ("maps.pdf", "maps/pharmacy-5min.png")] == before
    w.change(city, "prints: true", "prints: false")
    assert call(city, "-q").exit_code == cli.DONE
    assert not (out / "maps.pdf").exists()  # its figures would be those of another time
    assert not list((out / "maps").iterdir())


def test_without_what_draws_maps_for_print_all_else_is_there(city, tmp_path, monkeypatch):
    monkeypatch.setattr("livingcircle.render.report.find_spec", lambda _: None)
    done = call(city, "--prints", "--language", "en")
    assert done.exit_code == cli.DONE, done.output
    assert "maps for print were left out, for want of python-docx, matplotlib, typst" in done.stdout
    assert "pip install 'living-circle[report]'" in done.stdout
    assert "matplotlib" in (tmp_path / "out" / "city" / "warnings.csv").read_text(encoding="utf-8")
    assert (tmp_path / "out" / "city" / "map.html").is_file()


def test_computing_everything_and_taking_over_what_has_not_changed_exclude_each_other(city, tmp_path):
    done = call(city, "--fresh", "--since", tmp_path / "out")
    assert done.exit_code == cli.USAGE_ERROR
    assert "--fresh cannot be used with --since" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_defect_on_one_study_is_told_too(city, monkeypatch):
    real = tasks.read_study

    def broken(file, **more):
        if file.stem == "east" and more:
            raise ZeroDivisionError("east")
        return real(file, **more)

    monkeypatch.setattr(tasks, "read_study", broken)
    done = in_threads(city)
    assert [one.status for one in done] == ["done", "failed"]
    assert "ZeroDivisionError" in done[1].faults[0]["en"]


def test_faults_of_the_batch_file_stop_it_before_anything_is_computed(tmp_path, city):
    w.change(city, "workers: 2", "workers: 2\ncolour: red")
    with pytest.raises(SettingsError, match="colour"):
        read_batch(city)
    w.change(city, "colour: red", "tiles: {west: 3}")
    with pytest.raises(SettingsError, match="west"):
        read_batch(city)
    w.change(city, "tiles: {west: 3}", "")
    w.change(city, "[west/study.yaml, east/east.yaml]", "[east/none.yaml, south/*.yaml]")
    with pytest.raises(SettingsError, match=r"none\.yaml"):
        read_batch(city)


def test_a_study_that_is_not_there_stops_no_other(city):
    w.change(city, "east/east.yaml", "east/none.yaml, south/*.yaml")
    done = in_threads(city)
    assert [(one.study, one.status) for one in done] == [
        ("none", "failed"),
        (str(Path("south", "*.yaml")), "failed"),
        ("study", "done"),
    ]
    assert "none.yaml" in done[0].faults[0]["en"]
    assert "studies[2]" in done[0].faults[0]["en"]


def test_every_study_that_is_not_there_is_told(city):
    w.change(city, "east/east.yaml", "a/none.yaml, b/none.yaml, a/*.yaml, b/*.yaml")
    done = [one.study for one in in_threads(city)]
    assert done == [
        "none",
        *(str(Path(*parts)) for parts in (("b", "none.yaml"), ("a", "*.yaml"), ("b", "*.yaml"))),
        "study",
    ]


def test_studies_of_other_languages_systems_standards_and_walkers_are_one_city(city, tmp_path):
    """Each keeps its own language and coordinate system; the city speaks its own, Chinese unless stated."""
    east = tmp_path / "east" / "east.yaml"
    w.change(tmp_path / "west" / "study.yaml", "outputs: {folder: runs}", 'outputs: {folder: runs}\ncrs: "EPSG:32650"')
    more = 'outputs: {folder: runs, language: en}\ncrs: "EPSG:4547"\nwalker: {preset: older}'
    w.change(east, "outputs: {folder: runs}", more)
    w.change(east, "standard: standard.yaml", "standard: gb50180_2018")
    w.change(city, "defaults: {walker: {speed_metres_per_second: 1.0}}\n", "")
    figures = json.loads(call(city, "--json").stdout)
    assert [one["status"] for one in figures["studies"]] == ["done", "done"]
    assert [warning["kind"] for warning in figures["warnings"]] == ["studies_differ"] * 2 + ["homes_of_neighbours"]
    whole = {
        row["limit_minutes"]: row
        for row in figures["coverage"]
        if (row["study"] or "", row["service_id"]) == ("", "pharmacy")
    }
    # The home on both sides of the border comes by two systems and is one all the same. At 1.25 m/s 5 minutes are 375 m; older people
    # make half a metre less, and their nearest home, at 300 m from the pharmacy, is beyond.
    assert whole[5]["residents"] == w.TOTAL
    assert whole[5]["residents_covered"] == 1 + 2
    books = {
        name: openpyxl.load_workbook(tmp_path / "out" / name / "tables.xlsx") for name in ("study", "east", "city")
    }
    assert "Coverage" in books["east"].sheetnames
    assert "覆盖率" in books["study"].sheetnames
    assert "全市覆盖率" in books["city"].sheetnames
    assert "全市居民覆盖率" in call(city).stdout
    w.change(city, "workers: 2", "workers: 2\nlanguage: en")
    done = call(city)
    assert "Residents covered in the city" in done.stdout
    assert "computed before" in done.stderr
    assert "Coverage" in openpyxl.load_workbook(tmp_path / "out" / "city" / "tables.xlsx").sheetnames


def test_two_studies_of_one_name_are_told_and_the_rest_is_computed(city, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "study.yaml").write_text("id: x", encoding="utf-8")
    w.change(city, "east/east.yaml", "east/east.yaml, more/study.yaml")
    done = in_threads(city)
    assert [(one.study, one.status) for one in done] == [("study", "failed"), ("east", "done")]
    assert "called “study”" in done[0].faults[0]["en"]


def test_a_study_called_as_the_folder_of_the_city_is_told(city, tmp_path):
    """Its results would lie among those of the city, and be refused as strange the next time."""
    (tmp_path / "east" / "east.yaml").rename(tmp_path / "east" / "City.yaml")
    w.change(city, "east/east.yaml", "east/City.yaml")
    done = read_batch(city)
    assert [file.stem for file in done.files] == ["study"]
    assert done.unfit["City"].kind == "study_named_city"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_record_that_is_damaged_is_told_of_its_study(city, language):
    in_threads(city)
    record = city.parent / "out" / "east" / "run.json"
    record.write_text(record.read_text(encoding="utf-8")[:2000], encoding="utf-8")
    done = call(city, "--language", language)
    assert done.exit_code == cli.INPUT_ERROR, done.output
    assert {"zh": "east：未完成", "en": "east: failed"}[language] in done.stderr
    assert {"zh": "或移走、删除该文件夹", "en": "or move this one away or delete it"}[language] in done.stderr
    assert {"zh": "1 项完成", "en": "1 done"}[language] in done.stdout


def test_what_a_power_cut_left_half_written_is_computed_again(city):
    in_threads(city)
    out = city.parent / "out"
    part = out / ".batch" / "homes" / "study=study" / "part.parquet"
    part.write_bytes(part.read_bytes()[:200])
    record = json.loads((out / "east" / "run.json").read_text(encoding="utf-8"))
    record.pop("coverage")
    (out / "east" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert call(city, "-q").exit_code == cli.DONE
    assert [one.skipped for one in in_threads(city)] == [True, True]
    (out / ".batch" / "east.json").write_text('{"status": "done", "finger', encoding="utf-8")
    assert [one.skipped for one in in_threads(city)] == [True, False]
    part = out / ".batch" / "districts" / "study=east" / "part.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:200] + bytes(10) + whole[210:])  # its end, where it says what it holds, is there
    (out / "study" / "results.gpkg").unlink()
    assert [one.skipped for one in in_threads(city)] == [False, False]
    assert part.read_bytes() == whole
    assert (out / "study" / "results.gpkg").exists()


def test_homes_on_round_coordinates_are_one_whatever_system_they_came_by(tmp_path):
    """Seven decimals that end in 5 lie in the middle between two of six decimals; the systems of two studies agree to 1e-12 degrees."""
    degrees = np.round(114 + np.arange(200) * 1e-4 + 5e-7, 7)
    columns = {"home_id": "h", "lat": np.round(degrees - 80, 7), "district_id": "", "residents": 1.0, "households": 1.0}
    for name, sign in (("one", 1), ("two", -1)):
        frame = pd.DataFrame(columns | {"lon": degrees + sign * 1e-12, "walk_seconds_x": 1.0})
        frame.assign(lat=frame["lat"] - sign * 1e-12).to_parquet(tmp_path / f"{name}.parquet")
    merged = merged_homes({name: tmp_path / f"{name}.parquet" for name in ("one", "two")})
    assert len(merged) == len(degrees)


def test_homes_at_one_place_in_one_study_all_stay(tmp_path):
    columns = {"home_id": ["a", "b"], "lon": [1.0, 1.0], "lat": [2.0, 2.0], "district_id": ["", ""]}
    first = pd.DataFrame(columns | {"residents": [1.0, 2.0], "households": [1.0, 1.0], "walk_seconds_x": [5.0, 9.0]})
    other = first.iloc[:1].assign(residents=1.0, walk_seconds_x=3.0, district_id="d")
    for name, frame in (("one", first), ("two", other)):
        frame.to_parquet(tmp_path / f"{name}.parquet")
    alone = merged_homes({"one": tmp_path / "one.parquet"})
    assert alone["residents"].tolist() == [1.0, 2.0]
    both = merged_homes({name: tmp_path / f"{name}.parquet" for name in ("one", "two")})
    assert both["study"].tolist() == ["two"]
    assert both["walk_seconds_x"].tolist() == [3.0]
