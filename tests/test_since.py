"""Computing only what has changed: a run beside an earlier one, a batch beside another."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.batch import run_batch
from livingcircle.errors import InputError
from livingcircle.settings.batch import read_batch


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path):
    return w.write_town(tmp_path)


@pytest.fixture
def computed(monkeypatch):
    """How often a study was computed."""
    times, real = [], cases.answer

    def counted(*arguments, **named):
        times.append(1)
        return real(*arguments, **named)

    monkeypatch.setattr("livingcircle.cases.running.answer", counted)
    return times


def call(*arguments: object):
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, [str(argument) for argument in arguments])


def test_nothing_is_computed_where_nothing_has_changed_and_the_figures_are_the_same(study_file, computed):
    first = call("run", study_file, "--since", "last", "--json")
    again = call("run", study_file, "--since", "last", "--json")
    assert (first.exit_code, again.exit_code, len(computed)) == (0, 0, 1)
    figures = [json.loads(done.stdout) for done in (first, again)]
    assert figures[1]["unchanged"]
    shown = {key: value for key, value in figures[0].items() if key != "provenance"}
    assert {key: figures[1][key] for key in shown} == shown
    said = call("run", study_file, "--since", "last")
    assert "未重算" in said.stderr
    assert "4.8 %" in said.stdout
    assert call("run", study_file, "--since", "last", "--fail-if-unmet", "-q").exit_code == cli.STANDARD_NOT_MET
    assert len(computed) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda file: w.change(file, "join_cap_metres: 50", "join_cap_metres: 60"), "network.join_cap_metres"),
        (lambda file: w.change(file, "id: town", "id: town\nsurveyed: all"), "surveyed"),
        (lambda file: w.change(file.parent / "standard.yaml", '"2026"', '"2027"'), "standard.yaml"),
        (
            lambda file: w.write_table(
                file.parent / "pharmacies.csv", ("id", "lon", "lat", "名称"), [("P2", *w.lonlat(9), "二")]
            ),
            "pharmacies.csv",
        ),
    ],
)
def test_what_has_changed_is_named_and_computed(study_file, computed, change, named):
    call("run", study_file, "-q")
    change(study_file)
    done = call("run", study_file, "--since", "last")
    assert f"有变化，重新计算：{named}\n" in done.stderr
    assert len(computed) == 2
    call("run", study_file, "--since", "last", "-q")
    assert len(computed) == 2


def test_another_folder_of_results_is_not_a_change_of_the_study(study_file, tmp_path, computed):
    call("run", study_file, "-q", "-o", tmp_path / "2026")
    done = call("run", study_file, "-o", tmp_path / "2027", "--since", tmp_path / "2026")
    assert str(tmp_path / "2026") in done.stderr
    w.change(study_file, "folder: runs", "folder: elsewhere")
    call("run", study_file, "-q", "-o", tmp_path / "2027", "--since", tmp_path / "2026")
    assert len(computed) == 1
    assert not (tmp_path / "2027").exists()


def test_a_report_is_not_made_again_but_a_run_without_one_is_no_report(study_file, computed):
    for module in ("docx", "typst", "matplotlib"):
        pytest.importorskip(module)
    call("run", study_file, "-q")
    assert "不完整" in call("report", study_file, "--since", "last").stderr
    again = call("report", study_file, "--since", "last", "--json")
    assert len(computed) == 2
    assert {"report_word", "report_pdf", "map"} <= json.loads(again.stdout)["files"].keys()


def test_a_report_on_what_changed_is_made_again_when_either_study_has(study_file, tmp_path, computed):
    for module in ("docx", "typst", "matplotlib"):
        pytest.importorskip(module)
    (tmp_path / "2025").mkdir()
    before = w.write_town(tmp_path / "2025")
    asked = ("report", study_file, "--since", "last")
    call(*asked, "-q")
    assert "--before" in call(*asked, "--before", before).stderr  # the report has no chapter on it
    assert "未重算" in call(*asked, "--before", before).stderr
    assert len(computed) == 2
    w.change(before, "join_cap_metres: 50", "join_cap_metres: 60")
    again = call(*asked, "--before", before, "--json")
    assert again.exit_code == cli.DONE
    assert "unchanged" not in json.loads(again.stdout)
    assert call(*asked, "--before", before, "--json").exit_code == cli.DONE
    assert len(computed) == 3
    call(*asked, "-q")  # without the chapter
    assert len(computed) == 4


def test_results_that_are_incomplete_are_made_again(study_file, computed):
    call("run", study_file, "-q")
    (study_file.parent / "runs" / "town" / "csv" / "homes.csv").unlink()
    assert "不完整" in call("run", study_file, "--since", "last").stderr
    assert len(computed) == 2


def test_a_run_that_is_named_must_be_there(study_file, tmp_path, computed):
    assert call("run", study_file, "--since", tmp_path / "none").exit_code == cli.INPUT_ERROR
    assert not computed


def test_studies_that_have_not_changed_since_another_batch_are_taken_over(study_file, tmp_path, computed):
    (tmp_path / "east").mkdir()
    east = w.write_town(tmp_path / "east").rename(tmp_path / "east" / "east.yaml")
    text = "{id: city, title: {zh: 市}, studies: [study.yaml, east/east.yaml], folder: %s}"
    batches = []
    for year in ("2026", "2027"):
        (tmp_path / f"city{year}.yaml").write_text(text % f"runs{year}", encoding="utf-8")
        batches.append(read_batch(tmp_path / f"city{year}.yaml"))
    with ThreadPoolExecutor(1) as executor:
        run_batch(batches[0], executor=executor)
        w.change(east, "join_cap_metres: 50", "join_cap_metres: 60")
        done = run_batch(batches[1], executor=executor, since=tmp_path / "runs2026")
        assert [(one.study, one.status, one.skipped) for one in done] == [
            ("study", "done", True),
            ("east", "done", False),
        ]
        assert len(computed) == 3
        former, taken = (tmp_path / f"runs{year}" / "study" / "csv" / "homes.csv" for year in ("2026", "2027"))
        assert former.read_bytes() == taken.read_bytes()
        assert all(one.skipped for one in run_batch(batches[1], executor=executor))
        shutil.rmtree(tmp_path / "runs2027" / ".batch")
        (tmp_path / "runs2027" / "study" / "notes.txt").write_text("不是成果", encoding="utf-8")
        kept = run_batch(batches[1], executor=executor, since=tmp_path / "runs2026")
        assert {one.study: one.status for one in kept} == {"study": "failed", "east": "done"}
        with pytest.raises(InputError) as caught:
            run_batch(batches[1], executor=executor, since=tmp_path / "runs2062")
        assert [fault.kind for fault in caught.value.faults] == ["no_earlier_batch"]
