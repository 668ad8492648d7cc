"""Replays: a record gives its run again, whatever the machine, and says exactly what is no longer the same."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import written_town as w
from conftest import ROOT
from livingcircle import cases, cli, provenance, replaying
from livingcircle.errors import InputError
from livingcircle.kernel.siting.construct import constructed
from livingcircle.kernel.siting.maximal import maximal_covering
from livingcircle.render import report
from livingcircle.render.folder import RECORD_EDITION
from livingcircle.replaying import replay, table_changes
from livingcircle.run_record import read_record
from livingcircle.settings import read_study


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path) -> Path:
    (tmp_path / "data").mkdir()
    return w.write_town(tmp_path / "data")


@pytest.fixture
def run_folder(study_file, tmp_path) -> Path:
    return cases.run(read_study(study_file), folder=tmp_path / "run").folder


def call(*arguments: object):
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, [str(argument) for argument in arguments])


def faults_of(record: Path, *inputs: Path):
    with pytest.raises(InputError) as caught:
        replay(record, inputs)
    return {fault.kind: fault for fault in caught.value.faults}


def edit(run_folder: Path, change) -> None:
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    change(record)
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


# ── The same ────────────────────────────────────────────────────────────────


def test_a_run_is_the_same_again_and_leaves_nothing_unless_asked(run_folder, study_file, tmp_path):
    before = [path for path in sorted(tmp_path.rglob("*")) if "cache" not in path.parts]
    done = replay(run_folder, [study_file.parent])
    assert done.is_identical
    assert {"csv/coverage.csv", "csv/homes.csv", "results.gpkg", "map.html", "tables.xlsx"} <= done.files.keys()
    assert set(done.files.values()) == {"identical"}
    assert done.left_out == {"datapackage.json": "package"}
    assert (done.versions, done.standards, done.is_other_program, done.columns, done.altered) == ({}, {}, False, (), ())
    assert [path for path in sorted(tmp_path.rglob("*")) if "cache" not in path.parts] == before
    kept = replay(run_folder / "run.json", [study_file.parent], tmp_path / "again")
    assert kept.is_identical
    assert (tmp_path / "again" / "csv" / "coverage.csv").is_file()


def test_a_run_of_another_day_is_the_same_again(study_file, tmp_path):
    """Map and workbook tell the day of the run; a replay tells that day, too, and its record when it was made itself."""
    started = datetime(2026, 1, 5, 2, 30, tzinfo=UTC)
    run = cases.run(read_study(study_file), folder=tmp_path / "run", started=started).folder
    assert "2026" in (run / "map.html").read_text(encoding="utf-8")
    done = replay(run, [study_file.parent], tmp_path / "again")
    assert set(done.files.values()) == {"identical"}
    record = json.loads((tmp_path / "again" / "run.json").read_text(encoding="utf-8"))
    assert record["provenance"]["started_utc"] == "2026-01-05T02:30:00+00:00" < record["replayed_utc"]


def written_otherwise(file: Path) -> None:
    """Write a zipped file as another release of its library would: the same parts, other bytes."""
    with zipfile.ZipFile(file) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as opened:
        for name, content in parts.items():
            opened.writestr(name, content)


def as_it_came(run: Path, *names: str) -> None:
    """Let the record say that files were written as they are now."""

    def change(record):
        for name in names:
            content = (run / name).read_bytes()
            record["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}

    edit(run, change)


def test_a_workbook_is_compared_by_its_cells_where_its_bytes_differ(run_folder, study_file):
    book = run_folder / "tables.xlsx"
    written_otherwise(book)
    as_it_came(run_folder, "tables.xlsx")
    said = call("replay", run_folder, "--inputs", study_file.parent, "-l", "en")
    assert said.exit_code == cli.DONE
    assert "tables.xlsx: other bytes, the same cells" in said.stdout
    opened = openpyxl.load_workbook(book)
    opened.worksheets[2].cell(3, 3).value = 4711
    opened.save(book)
    as_it_came(run_folder, "tables.xlsx")
    done = replay(run_folder, [study_file.parent])
    assert (done.is_identical, done.files["tables.xlsx"]) == (False, "differs")
    shutil.copy(run_folder / "run.json", study_file.parent)
    alone = replay(study_file.parent / "run.json", [study_file.parent])
    assert alone.files["tables.xlsx"] == "unproven"


def test_a_report_is_made_again_and_what_cannot_be_compared_is_told(study_file, tmp_path, monkeypatch):
    for module in report.LIBRARIES:
        pytest.importorskip(module)
    run = cases.report(read_study(study_file), folder=tmp_path / "run").folder
    (run / "report.pdf").write_bytes((run / "report.pdf").read_bytes() + b"\n")
    written_otherwise(run / "report.docx")
    as_it_came(run, "report.pdf", "report.docx")
    done = replay(run, [study_file.parent])
    assert {name: state for name, state in done.files.items() if state != "identical"} == {
        "report.docx": "same_content",
        "report.pdf": "unproven",
    }
    assert {"report.html", "maps/map-score.png"} <= done.files.keys()
    monkeypatch.setattr(report, "find_spec", lambda _: None)
    said = call("replay", run, "--inputs", study_file.parent)
    assert said.exit_code == cli.DONE
    assert "未比对：maps/" in said.stdout
    assert "report.docx, report.html, report.pdf（本机未安装报告所需的程序库" in said.stdout.replace("\n", "")


def test_a_chapter_on_last_year_is_made_again_from_what_last_year_was_made_of(study_file, tmp_path):
    """Inputs of both years have the same names; the record tells which is whose, wherever they have gone."""
    for module in report.LIBRARIES:
        pytest.importorskip(module)
    (tmp_path / "2025").mkdir()
    before = w.write_town(tmp_path / "2025")
    pharmacies = before.parent / "pharmacies.csv"
    w.write_table(pharmacies, ("id", "lon", "lat", "名称"), [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1400), "二")])
    run = tmp_path / "run"
    assert call("report", study_file, "-o", run, "--before", before, "-q").exit_code == cli.DONE
    before.unlink()
    study_file.unlink()
    before.parent.rename(tmp_path / "last year")
    study_file.parent.rename(tmp_path / "this year")
    done = replay(run, [tmp_path / "this year", tmp_path / "last year"])
    assert {"report.docx", "report.pdf", "report.html", "maps/map-score.png"} <= done.files.keys()
    assert (set(done.files.values()), done.left_out) == ({"identical"}, {"datapackage.json": "package"})
    (fault,) = faults_of(run, tmp_path / "this year").values()
    assert (fault.kind, fault.column, fault.value) == (
        "input_changed",
        "compared_with.facilities.1.path",
        "pharmacies.csv",
    )
    edit(run, lambda record: record["compared_with"]["settings"]["walker"].update(speed_metres_per_second=1.0))
    assert set(faults_of(run)) == {"record_altered"}


def test_inputs_may_lie_elsewhere_and_the_study_file_may_be_gone(run_folder, study_file, tmp_path):
    archive = tmp_path / "archive" / "2026" / "inputs"
    archive.parent.mkdir(parents=True)
    study_file.unlink()
    study_file.parent.rename(archive)
    assert replay(run_folder, [tmp_path / "archive"]).is_identical


def test_a_copy_with_another_content_does_not_hide_the_right_one(run_folder, study_file, tmp_path):
    (tmp_path / "homes.csv").write_text("id\n", encoding="utf-8")
    assert replay(run_folder, [tmp_path]).is_identical


def test_overrides_of_the_command_are_in_the_record(study_file, tmp_path):
    run = tmp_path / "run"
    assert (
        call("run", study_file, "-o", run, "--standard", "quarter_hour", "--intervals", "-l", "en", "-q").exit_code == 0
    )
    shown = call("replay", run, "--inputs", study_file.parent, "-l", "en")
    assert shown.exit_code == cli.DONE, shown.output
    assert "Identical" in shown.output


def test_two_files_of_one_name_are_told_apart(study_file, tmp_path):
    (study_file.parent / "more").mkdir()
    shutil.copy(study_file.parent / "pharmacies.csv", study_file.parent / "more" / "pharmacies.csv")
    rows = [("P9", *w.lonlat(1400), "九")]
    w.write_table(study_file.parent / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    again = "  - {kind: layer, path: more/pharmacies.csv, service: pharmacy, columns: {id: id, name: 名称}}\n"
    w.change(study_file, "districts: {path", again + "districts: {path")
    run = cases.run(read_study(study_file), folder=tmp_path / "run").folder
    digests = read_record(run / "run.json")["provenance"]["input_files"]
    assert digests["facilities.1.path"] != digests["facilities.2.path"]
    assert replay(run, [tmp_path / "data"]).is_identical


def test_a_study_counted_from_tiles_is_what_one_run_finds(study_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("batch", study_file, "--tiles", "2", "-q").exit_code == cli.DONE
    (record,) = tmp_path.rglob("run.json")
    done = replay(record.parent)
    assert done.is_identical
    assert "csv/coverage.csv" in done.files
    assert "results.gpkg" not in done.files


def test_seeds_of_the_record_are_those_of_the_searches():
    found = {
        search.__kwdefaults__["seed"]
        if search.__kwdefaults__ and "seed" in search.__kwdefaults__
        else search.__defaults__[0]
        for search in (constructed, maximal_covering)
    }
    assert found == {provenance.SEEDS["local_search"]}


# ── Not the same ────────────────────────────────────────────────────────────


def test_every_input_that_is_missing_or_changed_is_told_with_both_digests(run_folder, study_file):
    folder = study_file.parent
    then = provenance.input_digests(read_study(study_file))
    (folder / "homes.csv").unlink()
    (folder / "pharmacies.csv").write_bytes((folder / "pharmacies.csv").read_bytes() + b"\n")
    faults = faults_of(run_folder, folder)
    assert faults["input_missing"].details["expected"] == then["homes.path"]["homes.csv"]
    changed = faults["input_changed"].details
    assert changed["expected"] == then["facilities.1.path"]["pharmacies.csv"]
    assert changed["found"] == provenance.file_sha256(folder / "pharmacies.csv")[0] != changed["expected"]
    shown = call("replay", run_folder, "--inputs", folder)
    assert shown.exit_code == cli.INPUT_ERROR
    assert "homes.csv" in shown.output
    assert "pharmacies.csv" in shown.output


def test_a_file_that_joins_a_shapefile_is_a_changed_input(study_file, tmp_path):
    import geopandas as gpd

    gpd.read_file(study_file.parent / "districts.geojson").to_file(
        study_file.parent / "districts.shp", encoding="utf-8"
    )
    w.change(study_file, "districts.geojson", "districts.shp")
    run = cases.run(read_study(study_file), folder=tmp_path / "run").folder
    assert replay(run, [study_file.parent]).is_identical
    (study_file.parent / "districts.cpg").write_text("GBK", encoding="ascii")
    assert faults_of(run, study_file.parent)["input_changed"].value == "districts.cpg"


def test_what_differs_is_told_by_table_column_and_amount(run_folder, study_file, monkeypatch):
    def slower(settings, stages, folder, **more):
        walker = settings.walker.model_copy(update={"speed_metres_per_second": 1.2})
        return cases.run(settings.model_copy(update={"walker": walker}), stages, folder, **more)

    monkeypatch.setattr(replaying, "run", slower)
    monkeypatch.setattr(replaying, "versions", lambda: {**provenance.versions(), "numpy": "0.1"})
    monkeypatch.setattr(replaying, "standard_digests", lambda _: {"services.yaml": "ab" * 32})
    done = replay(run_folder, [study_file.parent])
    assert not done.is_identical
    assert done.files["csv/homes.csv"] == "differs"
    assert done.files["csv/inputs.csv"] == "identical"
    (seconds,) = [one for one in done.columns if (one.table, one.column) == ("homes", "walk_minutes_pharmacy")]
    longest = w.HOME_METRES[-1] / 60
    assert seconds.cells == len(w.HOME_METRES)
    assert seconds.greatest == pytest.approx(longest / 1.2 - longest / 1.25, rel=0.01)
    assert done.versions["numpy"][1] == "0.1"
    assert done.standards["services.yaml"][1] == "ab" * 32
    shown = call("replay", run_folder, "--inputs", study_file.parent)
    assert shown.exit_code == cli.NOT_REPRODUCED == 6
    for said in ("homes.walk_minutes_pharmacy：6 格不同", "numpy", "services.yaml"):
        assert said in shown.output
    alone = replay(Path(shutil.copy(run_folder / "run.json", study_file.parent / "run.json")), [study_file.parent])
    assert alone.files == {**done.files, "tables.xlsx": "unproven"}
    assert alone.columns == ()


def test_a_result_that_somebody_changed_is_told_and_not_compared(run_folder, study_file):
    file = run_folder / "csv" / "coverage.csv"
    file.write_bytes(file.read_bytes().replace(b"pharmacy", b"pharmacie"))
    done = replay(run_folder, [study_file.parent])
    assert done.is_identical
    assert done.altered == ("csv/coverage.csv",)


def test_tables_of_different_length_or_columns(tmp_path):
    pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}).to_csv(tmp_path / "one.csv", index=False)
    pd.DataFrame({"a": [1.0, 2.5, 3.0], "c": ["x", "y", "z"]}).to_csv(tmp_path / "two.csv", index=False)
    changes = {one.column: one for one in table_changes(tmp_path / "one.csv", tmp_path / "two.csv", "t")}
    assert (changes["a"].cells, changes["a"].greatest, changes["a"].rows_before, changes["a"].rows) == (2, 0.5, 2, 3)
    assert (changes["b"].cells, changes["c"].cells) == (3, 3)


# ── Records ─────────────────────────────────────────────────────────────────


def test_an_earlier_or_later_or_altered_record_is_refused(run_folder):
    edit(run_folder, lambda record: record["settings"]["walker"].update(speed_metres_per_second=1.0))
    assert set(faults_of(run_folder)) == {"record_altered"}
    edit(run_folder, lambda record: record.update(record_edition=99))
    assert set(faults_of(run_folder)) == {"record_too_new"}
    edit(run_folder, lambda record: record.pop("record_edition"))
    (fault,) = faults_of(run_folder).values()
    assert (fault.kind, fault.details["version"]) == ("record_too_old", provenance.versions()["living-circle"])


@pytest.mark.parametrize("text", ["[]", "{}", '"run"', None])
def test_what_is_no_record(tmp_path, text):
    if text is not None:
        (tmp_path / "run.json").write_text(text, encoding="utf-8")
    assert set(faults_of(tmp_path)) == {"not_a_record"}


def test_a_record_that_breaks_off_is_told_with_the_line_and_the_remedy_in_both_languages(run_folder, study_file):
    whole = (run_folder / "run.json").read_bytes()
    for damaged, row in ((whole[: len(whole) // 2], whole[: len(whole) // 2].count(b"\n") + 1), (b"", 1)):
        (run_folder / "run.json").write_bytes(damaged)
        (fault,) = faults_of(run_folder).values()
        assert (fault.kind, fault.row) == ("record_damaged", row)
    (run_folder / "run.json").write_bytes(whole.replace("街".encode(), "街".encode("gbk")))
    assert set(faults_of(run_folder)) == {"record_damaged"}
    for language, said in (("zh", "运行记录已损坏"), ("en", "Get run.json back from a copy")):
        for verb in (["replay", run_folder], ["run", study_file, "--since", run_folder, "-o", run_folder / "no"]):
            done = call(*verb, "-l", language)
            assert done.exit_code == cli.INPUT_ERROR
            assert said in done.stderr
        done = call("run", study_file, "-o", run_folder, "-l", language)
        assert done.exit_code == cli.INPUT_ERROR
        assert {"zh": "无法辨认", "en": "or move this one away or delete it"}[language] in done.stderr
    assert (run_folder / "csv" / "coverage.csv").is_file()


def test_results_where_a_study_file_is_asked_for_are_told_as_such(run_folder, study_file):
    (run_folder / "run.json").write_text('{"settings":', encoding="utf-8")
    for results in (run_folder, run_folder / "run.json"):
        for verb in (["compare", results, study_file], ["report", study_file, "--before", results], ["run", results]):
            done = call(*verb, "-l", "en")
            assert (done.exit_code, done.stderr.count("not a study file")) == (cli.INPUT_ERROR, 1), done.output


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda record: record.update(record_edition="one"), ("record_edition",)),
        (lambda record: record.update(settings=[]), ("settings",)),
        (lambda record: record.pop("files"), ("files",)),
        (lambda record: record.update(files={"map.html": {}}), ("files.map.html",)),
        (lambda record: record.update(plans=[{}]), ("plans.1",)),
        (lambda record: record.update(provenance=[]), ("provenance",)),
        (lambda record: record["settings"].pop("outputs"), ("settings.outputs",)),
        (lambda record: record["provenance"].pop("input_files"), ("provenance.input_files",)),
        (lambda record: record["provenance"].update(input_files=["homes.csv"]), ("provenance.input_files",)),
        (
            lambda record: record["provenance"]["input_files"].update({"of.nothing": {"homes.csv": ""}}),
            ("settings.of.nothing",),
        ),
        (lambda record: record.update(compared_with="of last year"), ("compared_with",)),
        (
            lambda record: record.update(compared_with={"settings": {"outputs": {}}, "provenance": {}}),
            tuple(
                f"compared_with.provenance.{key}"
                for key in ("fingerprint", "settings_sha256", "standard_files", "input_files")
            ),
        ),
    ],
)
def test_what_a_record_lacks_of_what_a_replay_needs_is_named(tmp_path, change, names):
    made = {"versions": {"living-circle": "1"}, "settings_sha256": "", "input_files": {}, "standard_files": {}}
    made |= {"started_utc": "", "fingerprint": "", "program_sha256": ""}
    record = {"record_edition": RECORD_EDITION, "settings": {"outputs": {}}, "provenance": made}
    record |= {"title": {}, "files": {}, "plans": []}
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert set(faults_of(tmp_path)) == {"record_altered"}
    edit(tmp_path, change)
    (fault,) = faults_of(tmp_path).values()
    assert (fault.kind, fault.details["names"]) == ("record_lacks", names)


def test_a_record_names_no_folder_of_the_machine(study_file, tmp_path):
    own = tmp_path / "standard of the office.yaml"
    shutil.copy(study_file.parent / "standard.yaml", own)
    call("run", study_file, "--standard", own, "-o", tmp_path / "run", "-q")
    record = (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    assert own.name in record
    assert str(tmp_path) not in record


# ── The same bytes from any process ─────────────────────────────────────────


def test_the_sample_is_the_same_in_fresh_processes_with_other_hashes_and_threads(tmp_path):
    """Two whole runs of the sample at once, some 10 s: what no run in one process can show."""
    running = []
    for name, seed, threads in (("one", "1", "1"), ("two", "4242", "3")):
        command = [
            sys.executable,
            "-P",
            "-m",
            "livingcircle",
            "run",
            "configs/qinghe.yaml",
            "-q",
            "-o",
            tmp_path / name,
        ]
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "LIVING_CIRCLE_THREADS": threads,
            "OMP_NUM_THREADS": threads,
        }
        running.append(subprocess.Popen(command, cwd=ROOT, env=environment))
    assert [process.wait() for process in running] == [0, 0]
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert files == sorted(path.relative_to(tmp_path / "two") for path in (tmp_path / "two").rglob("*.*"))
    records = [json.loads((tmp_path / name / "run.json").read_text(encoding="utf-8")) for name in ("one", "two")]
    made = [record["provenance"]["started_utc"] for record in records]
    for file in files:
        one, two = (tmp_path / name / file for name in ("one", "two"))
        if file.suffix == ".xlsx":
            assert _parts(one, made[0]) == _parts(two, made[1])
        elif file.name not in {"run.json", "datapackage.json"}:
            assert one.read_bytes() == two.read_bytes(), file
    for record in records:
        record["files"].pop("tables.xlsx")
        record["files"].pop("datapackage.json", None)
        record["provenance"].pop("started_utc")
        record["provenance"].pop("stage_seconds")
    assert records[0] == records[1]


def _parts(book: Path, made: str) -> dict[str, bytes]:
    """Return what a workbook holds, its date put aside."""
    with zipfile.ZipFile(book) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    dates = (made.encode(), made.replace("+00:00", "Z").encode())
    for date in dates:
        parts = {name: content.replace(date, b"") for name, content in parts.items()}
    return parts
