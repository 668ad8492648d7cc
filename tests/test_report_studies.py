"""`living-circle report`: everything a run leaves and the report beside it, or nothing; and last year's study for comparison."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cli
from livingcircle.render.report import writing
from livingcircle.render.words import say

docx = pytest.importorskip("docx", reason="the extra `report` is not installed")
FILES = ("report.docx", "report.pdf", "report.html")


@pytest.fixture
def study_file(tmp_path):
    return w.write_town(tmp_path)


def call(*arguments: object):
    return CliRunner(env={"COLUMNS": "140"}).invoke(cli.app, [str(argument) for argument in arguments])


def headings(file):
    return [one.text for one in docx.Document(file).paragraphs if one.style.name.startswith("Heading")]


def texts(file):
    document = docx.Document(file)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [text.replace("\u00a0", " ") for text in (*(one.text for one in document.paragraphs), *cells)]


def test_a_report_stands_beside_all_a_run_leaves(study_file, tmp_path):
    done = call("report", study_file, "-o", tmp_path / "out", "--json")
    assert done.exit_code == cli.DONE, done.output
    figures = json.loads(done.stdout)
    run = call("run", study_file, "-o", tmp_path / "plain", "-q")
    assert run.exit_code == cli.DONE
    left = {path.relative_to(tmp_path / "plain") for path in (tmp_path / "plain").rglob("*") if path.is_file()}
    assert left < {path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert all((tmp_path / "out" / name).stat().st_size > 1000 for name in FILES)
    assert figures["files"]["report_word"] == str(tmp_path / "out" / "report.docx")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {*FILES, "maps/map-score.png"} <= set(record["files"])
    said = texts(tmp_path / "out" / "report.docx")
    assert f"{w.COVERED_5 / w.TOTAL:.1%}".replace("%", " %") in said
    assert "32" in said  # residents the plan gains


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_town_without_districts_and_plan_has_a_sound_report(study_file, tmp_path, language):
    w.change(study_file, "districts: {path: districts.geojson, columns: {id: code, name: name}}\n", "")
    w.change(study_file, "candidates: {kind: layer, path: candidates.csv, columns: {id: id, name: 名称}}\n", "")
    w.change(study_file, "siting: [{service: pharmacy, sites: 1}]\n", "")
    done = call("report", study_file, "-o", tmp_path / "out", "-q", "-l", language)
    assert done.exit_code == cli.DONE, done.output
    found = headings(tmp_path / "out" / "report.docx")
    for chapter in ("plans", "districts", "change"):
        named = say(f"report.chapter.{chapter}", language, unit="分区" if language == "zh" else "district")
        assert not any(named in heading for heading in found)
    for chapter in ("summary", "method", "overview", "services", "gaps", "limits", "clauses", "files"):
        assert any(say(f"report.chapter.{chapter}", language) in heading for heading in found)


def test_last_years_study_has_a_chapter(study_file, tmp_path):
    folder = tmp_path / "before"
    folder.mkdir()
    before = w.write_town(folder)
    w.change(before, "一街小镇", "一街小镇 2025")
    rows = [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1400), "二")]
    w.write_table(folder / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    done = call("report", study_file, "-o", tmp_path / "out", "-q", "--before", before)
    assert done.exit_code == cli.DONE, done.output
    said = "\n".join(texts(tmp_path / "out" / "report.docx"))
    assert any(say("report.chapter.change", "zh") in heading for heading in headings(tmp_path / "out" / "report.docx"))
    assert "一街小镇 2025" in said
    points = -100 * 32 / w.TOTAL  # the last home has lost its pharmacy
    assert f"{points:+.1f}".replace("-", "−") in said
    assert say("place_change.closed", "zh") in said


def test_a_report_that_cannot_be_written_leaves_what_was_there(study_file, tmp_path, monkeypatch):
    assert call("run", study_file, "-o", tmp_path / "out", "-q").exit_code == cli.DONE
    was = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "write_word", full)
    done = call("report", study_file, "-o", tmp_path / "out", "-q")
    assert done.exit_code == cli.INPUT_ERROR
    assert "磁盘空间不足" in done.output
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()} == was
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_report_may_be_followed_by_a_run_in_the_same_folder(study_file, tmp_path):
    assert call("report", study_file, "-o", tmp_path / "out", "-q").exit_code == cli.DONE
    assert call("run", study_file, "-o", tmp_path / "out", "-q").exit_code == cli.DONE
    assert not (tmp_path / "out" / "report.docx").exists()


def test_without_its_libraries_it_says_what_to_install(study_file, tmp_path, monkeypatch):
    monkeypatch.setattr("livingcircle.render.report.LIBRARIES", {"no_such_module": "no-such-package"})
    done = call("report", study_file, "-o", tmp_path / "out")
    assert done.exit_code == cli.USAGE_ERROR
    assert "no-such-package" in done.output
    assert "pip install 'living-circle[report]'" in done.output
    assert not (tmp_path / "out").exists()


def test_changed_clauses_and_districts_are_told(study_file, tmp_path):
    """The pharmacy that closed stood in the eastern community, whose only homes in time it had."""
    folder = tmp_path / "before"
    folder.mkdir()
    before = w.write_town(folder)
    rows = [("P1", *w.lonlat(0), "一"), ("P2", *w.lonlat(1400), "二")]
    w.write_table(folder / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    assert call("report", study_file, "-o", tmp_path / "out", "-q", "--before", before).exit_code == cli.DONE
    document = docx.Document(tmp_path / "out" / "report.docx")
    captions = [one.text for one in document.paragraphs if one.style.name == "Caption"]
    (number,) = [int(text.split()[1]) for text in captions if "变化最大的街道" in text]
    table = document.tables[number]  # the first one is that of the cover
    assert [cell.text for cell in table.rows[1].cells][:2] == ["东社区", "药店"]
    assert any("达标 → 不达标" in text for text in texts(tmp_path / "out" / "report.docx"))
