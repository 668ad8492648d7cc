"""What many studies are merged into: tables, workbook, map and partitions of one city, and what must be known of them."""

from __future__ import annotations

import errno
import json
import re
import shutil
from datetime import UTC, datetime

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pytest

import written_town as w
from city import HEADER, begin_alike, call, city_tables, in_threads, write_city
from livingcircle import cli
from livingcircle.batch import merged_city, run_batch
from livingcircle.kernel.machine_code import machine_code_folder
from livingcircle.merging import union
from livingcircle.model.standard import Words
from livingcircle.settings.batch import read_batch
from test_limits_in_metres import STANDARD

OPEN, WHOLE = "pharmacy", ""


@pytest.fixture(scope="module", autouse=True)
def _alike(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alike")
    with pytest.MonkeyPatch.context() as patched:
        if (kept := machine_code_folder()) is not None:
            patched.setenv("NUMBA_CACHE_DIR", str(kept.parent))
        patched.setenv("LIVING_CIRCLE_CACHE", str(folder / "cache"))
        begin_alike(folder, patched)
        yield


@pytest.fixture(scope="module")
def computed(_alike, tmp_path_factory):
    """A city whose studies are done: what a test does not change is not computed again."""
    city = write_city(tmp_path_factory.mktemp("computed"))
    in_threads(city)
    return city.parent


@pytest.fixture
def city(computed, tmp_path):
    shutil.copytree(computed, tmp_path, dirs_exist_ok=True)
    return tmp_path / "city.yaml"


def merged(city):
    """Compute and merge in this process."""
    return merged_city(read_batch(city), in_threads(city))


def table(city, name: str) -> pd.DataFrame:
    return pd.read_csv(
        city.parent / "out" / "city" / f"{name}.csv", keep_default_na=False, na_values=[""], dtype={"study": str}
    )


def told(results) -> str:
    return "\n".join(warning["en"] for warning in results.warnings)


# ── Tables ──────────────────────────────────────────────────────────────────


def test_every_district_is_counted_once_and_ranked(city):
    merged(city)
    rows = table(city, "districts").query("service_id == 'pharmacy' and limit_minutes == 5").set_index("district_name")
    # West of 850 m live 1 + 2 + 4 + 8, of whom 1 and 2 within 300 m of the pharmacy at 0; east 16 and 32, both within 300 m of 1,300 m.
    assert rows["residents"].to_dict() == {"西社区": 15, "东社区": 48}
    assert rows["residents_covered"].to_dict() == {"西社区": 3, "东社区": 48}
    assert rows["share_rank"].to_dict() == {"西社区": 2, "东社区": 1}
    assert rows["study"].to_dict() == {"西社区": "study", "东社区": "east"}


def test_a_district_that_two_studies_hold_is_one(city):
    for name in ("west", "east"):  # both now hold both districts
        other = json.loads(
            (city.parent / {"west": "east", "east": "west"}[name] / "districts.geojson").read_text("utf-8")
        )
        own = city.parent / name / "districts.geojson"
        every = json.loads(own.read_text("utf-8"))
        every["features"] += [one for one in other["features"] if one not in every["features"]]
        own.with_suffix(".both").write_text(json.dumps(every), encoding="utf-8")
    for name in ("west", "east"):
        (city.parent / name / "districts.both").replace(city.parent / name / "districts.geojson")
    merged(city)
    rows = table(city, "districts").query("service_id == 'pharmacy' and limit_minutes == 5")
    assert sorted(rows["district_name"]) == ["东社区", "西社区"]
    assert rows["residents"].sum() == w.TOTAL


def test_studies_tell_by_what_they_were_judged_and_how(city):
    merged(city)
    rows = table(city, "studies").set_index("study")
    assert rows.loc["east", ["study_status", "residents", "standard_edition"]].tolist() == ["done", 48, "town 2026"]
    # East: all within 5 and 15 minutes; nobody knows of a kindergarten.
    assert rows.loc["east", [f"requirements_{kind}" for kind in ("met", "unmet", "no_data")]].tolist() == [2, 0, 1]


def test_limits_in_metres_are_counted_by_metres_whoever_walks(city):
    """The east walks at half the pace: 500 m are 1,000 s there, and 500 m all the same."""
    for name in ("west", "east"):
        (city.parent / name / "standard.yaml").write_text(STANDARD, encoding="utf-8")
    east = city.parent / "east" / "east.yaml"
    east.write_text(east.read_text("utf-8") + "walker: {speed_metres_per_second: 0.5}\n", encoding="utf-8")
    results = merged(city)
    rows = (
        table(city, "coverage")
        .query("service_id == 'pharmacy' and limit_metres == 500")
        .set_index(table(city, "coverage").columns[0])
    )
    rows.index = rows.index.fillna(WHOLE)
    # Within 500 m: 100, 300 and 500 m from 0; 1,000 and 1,400 m from 1,300 m. The home at 700 m is 600 m from there.
    assert rows["residents_covered"].to_dict() == {WHOLE: 7 + 48, "study": 7, "east": 48}
    assert rows["limit_minutes"].isna().all()
    homes = geopandas.read_parquet(city.parent / "out" / "city" / "homes" / "study=east" / "part.parquet")
    assert homes["walk_metres_pharmacy"].tolist() == pytest.approx([300, 100], abs=2.5)
    assert homes["walk_seconds_pharmacy"].tolist() == pytest.approx([600, 200], abs=5)
    assert "differ in their walkers" not in told(results)  # one walker by name, at two paces
    assert "500 米" in call(city).stdout


# ── Files ───────────────────────────────────────────────────────────────────


def test_the_workbook_holds_what_the_tables_hold(city):
    merged(city)
    book = openpyxl.load_workbook(city.parent / "out" / "city" / "tables.xlsx")
    assert book.sheetnames[0] == "总览"
    assert {"各研究", "全市覆盖率", "排名", "各分区", "字段说明"} <= set(book.sheetnames)
    header, *rows = book["全市覆盖率"].iter_rows(values_only=True)
    shown = pd.DataFrame(rows, columns=header)
    found = table(city, "coverage")
    np.testing.assert_allclose(shown["居民覆盖率"].astype(float), found["residents_share"])
    assert shown["研究"].fillna("").tolist() == found["study"].fillna("").tolist()
    assert shown["研究名称"].unique().tolist() == ["两区之城", "west", "east"]
    header, first, *_ = book["排名"].iter_rows(values_only=True)
    assert first[header.index("研究名称")] == "east"


def test_the_map_needs_no_internet_and_is_the_same_every_time(city):
    merged(city)
    page = (city.parent / "out" / "city" / "map.html").read_text(encoding="utf-8")
    assert "西社区" in page
    assert "20.0 %" in page  # 3 of 15
    assert not re.search(r"(src|href)=[\"']https?:", page)
    merged(city)
    assert (city.parent / "out" / "city" / "map.html").read_text(encoding="utf-8") == page


@pytest.mark.browser
def test_the_map_recolours_by_the_limit_chosen(city, chromium):
    merged(city)
    page = chromium.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((city.parent / "out" / "city" / "map.html").as_uri())
    options = page.locator(".lc-choice option").all_inner_texts()
    assert options == ["药店 · 5 分钟", "药店 · 10 分钟", "药店 · 15 分钟"]
    before = page.screenshot()
    page.select_option(".lc-choice", label=options[1])
    assert page.screenshot() != before
    assert not problems


def test_duckdb_reads_the_partitions_as_one_table(city):
    """Without its spatial extension, which it would have to fetch: the box of every home is in plain columns."""
    duckdb = pytest.importorskip("duckdb")
    merged(city)
    files = f"{city.parent}/out/city/homes/*/*.parquet"
    ask = f"""SELECT study, sum(residents), sum(residents) FILTER (walk_seconds_pharmacy <= 300) FROM read_parquet('{files}',
        hive_partitioning = true) GROUP BY study ORDER BY study"""  # noqa: S608
    with duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}) as database:
        assert database.sql(ask).fetchall() == [("east", 48, 48), ("study", 15, 3)]
        west = f"SELECT count(*) FROM '{files}' WHERE bbox.xmax < {w.lonlat(600)[0]}"  # noqa: S608
        assert database.sql(west).fetchall() == [(3,)]


@pytest.mark.filterwarnings("ignore")
def test_dask_geopandas_reads_the_partitions(city):
    dask_geopandas = pytest.importorskip("dask_geopandas")
    merged(city)
    homes = dask_geopandas.read_parquet(f"{city.parent}/out/city/homes/*/part.parquet")
    assert homes.npartitions == 2
    assert homes["residents"].sum().compute() == w.TOTAL
    assert homes.crs == "EPSG:4326"
    assert homes.compute().geometry.x.max() == pytest.approx(w.lonlat(1400)[0])


def test_partitions_of_studies_that_are_no_more_go(city):
    merged(city)
    w.change(city, "[west/study.yaml, east/east.yaml]", "[west/study.yaml]")
    merged(city)
    assert [path.name for path in (city.parent / "out" / "city" / "homes").iterdir()] == ["study=study"]


# ── What must be known ──────────────────────────────────────────────────────


def test_studies_of_different_standards_are_told(city):
    assert "standard" not in told(merged(city))
    w.change(city.parent / "east" / "standard.yaml", 'edition: "2026"', 'edition: "2018"')
    results = merged(city)
    assert "differ in their standards: town 2026 (study); town 2018 (east)" in told(results)
    assert table(city, "warnings")["problem_zh"].str.contains("town 2018（east）|town 2018 \\(east\\)").any()
    assert "town 2018" in call(city, "--language", "en").stdout


def test_two_studies_of_one_title_are_told(city):
    w.change(city.parent / "east" / "east.yaml", "east, en: east", "west, en: west")
    assert "study, east share the title “west”" in told(merged(city))


def test_data_of_another_year_are_told(city):
    done = in_threads(city)
    w.change(city, "workers: 2", "year: 2026")
    for study, day in (("study", "2026-01-05"), ("east", "2024-11-30")):
        state = city.parent / "out" / ".batch" / f"{study}.json"
        w.change(state, '"data_days": []', f'"data_days": ["{day}"]')
    said = told(merged_city(read_batch(city), done))
    assert "the data of “east” are of 2024, while the batch file says 2026" in said
    assert "differ in their years of the data: 2026 (study); 2024 (east)" in said
    assert "nobody can tell" not in said
    w.change(city.parent / "out" / ".batch" / "east.json", '"2024-11-30"', "")
    assert "no file of these studies says of which day it is, so nobody can tell: east" in told(
        merged_city(read_batch(city), done)
    )


def test_districts_that_nobody_studied_are_told(city):
    every = json.loads((city.parent / "west" / "districts.geojson").read_text("utf-8"))
    north = json.loads(json.dumps(every["features"][0]))
    north["properties"] |= {"name": "北社区", "code": "320601009"}
    for corner in north["geometry"]["coordinates"][0]:
        corner[1] += 0.1
    every["features"].append(north)
    (city.parent / "all.geojson").write_text(json.dumps(every), encoding="utf-8")
    w.change(city, "workers: 2", "districts: {path: all.geojson, columns: {id: code, name: name}}")
    results = merged(city)
    assert "1 of 2 districts holds no home of any study: 北社区" in told(results)
    (city.parent / "all.geojson").unlink()  # and where they cannot be read, that is told, and the rest is there
    results = merged(city)
    assert "all.geojson" in told(results)
    assert results.files


def test_homes_that_a_study_holds_of_another_and_those_in_no_district_are_told(city):
    results = merged(city)
    assert "up to 52% of a study's residents: study. City" in told(results)  # 16 of 31 live beyond its border
    assert "in no district" not in told(results)
    less = json.loads((city.parent / "west" / "districts.geojson").read_text("utf-8"))
    for corner in less["features"][0]["geometry"]["coordinates"][0]:
        corner[0] = min(corner[0], w.lonlat(600)[0])
    (city.parent / "west" / "districts.geojson").write_text(json.dumps(less), encoding="utf-8")
    results = merged(city)
    assert "1 home (8 residents) lies in no district of any study" in told(results)
    assert "first (study)" in told(results)
    whole = table(city, "coverage").query("study == '' and limit_minutes == 15")
    assert (whole["residents"] == 63).all()


def test_results_of_an_earlier_time_are_not_taken_for_this_ones(city):
    """Last year's run stays where the study fails this year: it is told, and not merged."""
    merged(city)
    record = city.parent / "out" / "east" / "run.json"
    version = json.loads(record.read_text("utf-8"))["provenance"]["versions"]["living-circle"]
    record.write_text(
        record.read_text("utf-8").replace(f'"living-circle": "{version}"', '"living-circle": "0.0.9"'), "utf-8"
    )
    (city.parent / "east" / "homes.csv").unlink()
    results = merged(city)
    today = datetime.now(UTC).date().isoformat()
    assert f"“east” failed this time; its folder still holds results of {today} by version 0.0.9" in told(results)
    assert set(table(city, "coverage")["study"].fillna(WHOLE)) == {WHOLE, "study"}
    rows = table(city, "studies").set_index("study")
    assert rows.loc["east", "study_status"] == "failed"
    assert "homes.csv" in rows.loc["east", "study_faults_en"]
    (city.parent / "west" / "homes.csv").unlink()
    results = merged(city)  # where no study is done the city is not merged at all
    assert (results.files, "its folder still holds results of an earlier time" in told(results)) == ({}, True)


def test_results_by_another_version_are_computed_again(city, monkeypatch):
    in_threads(city)
    assert all(one.skipped for one in in_threads(city))
    monkeypatch.setattr("livingcircle.provenance.versions", lambda: {"living-circle": "99"})
    assert not any(one.skipped for one in in_threads(city))


def test_a_full_disk_while_merging_leaves_what_was_there(city, monkeypatch):
    merged(city)
    before = city_tables(city)
    real = union.geopandas.GeoDataFrame.to_parquet

    def full(self, path, *more, **named):
        if "city" in str(path):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, path, *more, **named)

    monkeypatch.setattr(union.geopandas.GeoDataFrame, "to_parquet", full)
    done = call(city)
    assert done.exit_code == cli.INPUT_ERROR
    assert "磁盘空间不足" in done.stderr
    monkeypatch.undo()
    folder = city.parent / "out" / "city"
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert not list(folder.rglob("*draft*"))


def test_a_full_disk_on_one_study_stops_no_other(city, monkeypatch):
    from livingcircle.render import folder as writer

    real = writer.write_csvs

    def full(folder, tables):
        if "east" in str(folder):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(folder, tables)

    monkeypatch.setattr(writer, "write_csvs", full)
    done = in_threads(city, fresh=True)
    assert [one.status for one in done] == ["done", "failed"]
    assert "no space left on device" in done[1].faults[0]["en"]
    assert not list((city.parent / "out").rglob("*draft*"))
    assert [one.skipped for one in in_threads(city)] == [True, False]


# ── Tiles ───────────────────────────────────────────────────────────────────


def test_a_city_in_tiles_is_the_same_city(city):
    merged(city)
    names = ("coverage", "ranking", "districts")
    whole = {name: (city.parent / "out" / "city" / f"{name}.csv").read_bytes() for name in names}
    w.change(city, "workers: 2", "tiles: 3")
    merged(city)
    assert {name: (city.parent / "out" / "city" / f"{name}.csv").read_bytes() for name in names} == whole
    folder = city.parent / "out" / "study"
    assert not (folder / "map.html").exists()
    record = json.loads((folder / "run.json").read_text("utf-8"))
    verdicts = {row["requirement_id"]: row["verdict"] for row in record["verdicts"] if row["scope"] == "study"}
    assert verdicts == {"near": "unmet", "far": "unmet", "play": "no_data"}
    assert (folder / "csv" / "verdicts.csv").is_file()
    assert (folder / "tables.xlsx").is_file()


def test_beyond_what_a_study_in_tiles_looked_nothing_is_claimed(city):
    """The west, at half the pace, looks 15 minutes far, its home at 700 m is beyond; the east counts at an hour, too."""
    for name, file, more in (("west", "study", "walker: {speed_metres_per_second: 0.5}\n"), ("east", "east", "")):
        study, minutes = city.parent / name / f"{file}.yaml", "5" if more else "5, 60"
        w.change(study, "{folder: runs}", f"{{folder: runs, isochrone_minutes: [{minutes}]}}")
        study.write_text(study.read_text("utf-8") + more, encoding="utf-8")
    w.change(city, "workers: 2", "tiles: {study: 2}")
    results = merged(city)
    rows = table(city, "coverage").query("service_id == 'pharmacy'").fillna({"study": WHOLE})
    covered = rows.set_index(["study", "limit_minutes"])["residents_covered"].to_dict()
    assert (covered[WHOLE, 5], covered["study", 5], covered["east", 60]) == (1 + 48, 1, 48)
    assert np.isnan([covered[WHOLE, 60], covered["study", 60]]).all()
    assert "looked 15 minutes (450 m) far only" in told(results)


def test_a_single_study_in_tiles(tmp_path):
    file = w.write_town(tmp_path)
    done = call(file, "--tiles", "2", "--json")
    assert done.exit_code == cli.DONE, done.output
    figures = json.loads(done.stdout)
    assert figures["title"]["zh"] == "一街小镇"
    shares = [
        row["residents_covered"] for row in figures["coverage"] if row["study"] == "" and row["service_id"] == OPEN
    ]
    assert shares == [w.COVERED_5, w.COVERED_10, w.COVERED_15]
    assert (tmp_path / "runs" / "town-tiles" / "study" / "run.json").is_file()


def test_a_study_without_districts_is_one_by_itself(city):
    w.change(
        city.parent / "east" / "east.yaml",
        "districts: {path: districts.geojson, columns: {id: code, name: name}}\n",
        "",
    )
    results = merged(city)
    rows = table(city, "districts").query("service_id == 'pharmacy' and limit_minutes == 5").set_index("district_name")
    # The homes at 700 and 1,000 m are in the west's study, too; that at 700 m in its district.
    assert rows["residents"].to_dict() == {"西社区": 15, "east": 32}
    assert results.title == Words("两区之城", "City of two")


def test_who_waits_is_told_of_every_study(city):
    lines = []
    run_batch(read_batch(city), tell=lambda done, count, total: lines.append((done.study, count, total)))
    assert sorted(lines) == sorted([(lines[0][0], 1, 2), (lines[1][0], 2, 2)])
    assert HEADER[0] == "id"
