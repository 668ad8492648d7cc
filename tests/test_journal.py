"""The journal of a call: every line by itself a record, every way to end told, and nothing where nobody asked."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import written_town as w
from livingcircle import cases, cli
from livingcircle.progress import LOGGER


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path):
    return w.write_town(tmp_path)


def call(*arguments: object, **environment: str):
    return CliRunner(env=environment).invoke(cli.app, [str(argument) for argument in arguments])


def lines_of(file) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_line_is_a_record_with_time_level_verb_and_event(study_file, tmp_path):
    log = tmp_path / "logs" / "circle.jsonl"
    done = call("run", study_file, "-q", "--log", log, "--log-json")
    assert (done.exit_code, done.output) == (cli.DONE, "")
    lines = lines_of(log)
    assert [line["event"] for line in lines[:1] + lines[-1:]] == ["begin", "end"]
    assert {line["verb"] for line in lines} == {"run"}
    assert {line["of"] for line in lines} == {str(study_file)}
    times = [datetime.fromisoformat(line["time"]) for line in lines]
    assert times == sorted(times)
    assert all(time.utcoffset().total_seconds() == 0 for time in times)
    stages = {line["stage"]: line["seconds"] for line in lines if line["event"] == "stage"}
    assert {"streets", "reach", "siting", "write"} <= stages.keys()
    assert lines[-1]["exit_code"] == cli.DONE
    warnings = [line for line in lines if line["event"] == "warning"]
    assert {"no_facility", "households_estimated"} <= {line["kind"] for line in warnings}
    assert {line["level"] for line in warnings} == {"warning"}
    assert lines[-1]["seconds"] >= sum(stages.values()) - 0.01
    call("assess", study_file, "-q", "--log", log, "--log-json")
    assert [line["verb"] for line in lines_of(log) if line["event"] == "begin"] == ["run", "assess"]


def test_faults_are_records_with_their_place(study_file, tmp_path):
    (study_file.parent / "homes.csv").unlink()
    (study_file.parent / "streets.osm").unlink()
    done = call("assess", study_file, "-q", "--log", tmp_path / "a.log", "--log-json")
    assert done.exit_code == cli.INPUT_ERROR
    assert "文件不存在" in done.stderr
    faults = [line for line in lines_of(tmp_path / "a.log") if line["event"] == "fault"]
    assert {line["file"].rpartition("/")[2] for line in faults} == {"homes.csv", "streets.osm"}
    assert {line["level"] for line in faults} == {"error"}
    assert all(set(line["sentence"]) == {"zh", "en"} for line in faults)
    assert lines_of(tmp_path / "a.log")[-1]["exit_code"] == cli.INPUT_ERROR


def test_on_stderr_there_is_nothing_but_the_journal(study_file):
    (study_file.parent / "homes.csv").unlink()
    done = call("assess", study_file, "--log-json")
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()][-2:] == ["fault", "end"]


def test_nor_what_a_batch_says_of_its_studies(study_file, tmp_path):
    (tmp_path / "none.yaml").write_text("id: none\n", encoding="utf-8")
    city = tmp_path / "city.yaml"
    city.write_text("{id: city, title: {zh: 市}, studies: [none.yaml], folder: out, workers: 1}", encoding="utf-8")
    done = call("batch", city, "--log-json")
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["begin", "study", "end"]


def test_a_wrong_use_is_no_defect(tmp_path):
    on_stderr = call("standards", "show", "--log-json")
    in_file = call("standards", "show", "--log", tmp_path / "a.log", "--log-json")
    assert "standards show ID" in in_file.stderr
    told = [[json.loads(line) for line in on_stderr.stderr.splitlines()], lines_of(tmp_path / "a.log")]
    for done, lines in zip((on_stderr, in_file), told, strict=True):
        assert [line["event"] for line in lines] == ["begin", "usage", "end"]
        assert done.exit_code == lines[-1]["exit_code"] == cli.USAGE_ERROR


def test_a_journal_in_words_has_a_line_for_each_event(study_file, tmp_path):
    call("assess", study_file, "-q", LIVING_CIRCLE_LOG=str(tmp_path / "circle.log"))
    text = (tmp_path / "circle.log").read_text(encoding="utf-8")
    assert " INFO assess " in text
    assert "stage stage=reach seconds=" in text
    assert text.splitlines()[-1].split(" end ")[1].startswith("exit_code=0 seconds=")


def test_a_defect_is_told_with_where_it_was_and_raised(study_file, tmp_path, monkeypatch):
    def broken(*_, **__):
        message = "a defect"
        raise RuntimeError(message)

    monkeypatch.setattr(cases, "answer", broken)
    done = call("assess", study_file, "--log", tmp_path / "a.log", "--log-json")
    assert isinstance(done.exception, RuntimeError)
    defect, end = lines_of(tmp_path / "a.log")[-2:]
    assert (defect["level"], defect["reason"]) == ("critical", "RuntimeError: a defect")
    assert "test_journal.py" in defect["traceback"]
    assert (end["level"], end["exit_code"]) == ("error", cli.INTERNAL_ERROR)


def test_an_unmet_standard_is_the_exit_code_of_the_journal(study_file, tmp_path):
    call("assess", study_file, "-q", "--fail-if-unmet", "--log", tmp_path / "a.log", "--log-json")
    assert lines_of(tmp_path / "a.log")[-1]["exit_code"] == cli.STANDARD_NOT_MET


def test_studies_of_a_batch_are_records(study_file, tmp_path):
    city = tmp_path / "city.yaml"
    city.write_text(
        "{id: city, title: {zh: 市}, studies: [study.yaml, none.yaml], folder: out, workers: 1}", encoding="utf-8"
    )
    (tmp_path / "none.yaml").write_text("id: none\n", encoding="utf-8")
    call("batch", city, "-q", "--log", tmp_path / "a.log", "--log-json")
    studies = {line["study"]: line for line in lines_of(tmp_path / "a.log") if line["event"] == "study"}
    assert {name: line["status"] for name, line in studies.items()} == {"study": "done", "none": "failed"}
    assert studies["none"]["faults"][0]["zh"]
    assert studies["none"]["level"] == "error"


def test_a_journal_that_cannot_be_written_is_a_wrong_use(study_file, tmp_path):
    (tmp_path / "folder").mkdir()
    done = call("assess", study_file, "--log", tmp_path / "folder")
    assert done.exit_code == cli.USAGE_ERROR
    assert not (tmp_path / "runs").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_journal_whose_disk_is_full_stops_nothing_and_is_told_once(study_file):
    done = call("assess", study_file, "-q", "--log", "/dev/full")
    assert done.exit_code == cli.DONE
    assert done.stderr.count("日志无法写入") == 1


def test_without_a_journal_faults_are_said_once(study_file):
    (study_file.parent / "homes.csv").unlink()
    said = subprocess.run(
        [sys.executable, "-P", "-m", "livingcircle", "assess", study_file], capture_output=True, text=True, check=False
    ).stderr
    assert said.splitlines()[0].startswith("未能完成")


def test_nothing_of_a_journal_outlives_its_call(study_file, tmp_path):
    call("assess", study_file, "-q", "--log", tmp_path / "a.log")
    assert [type(handler) for handler in LOGGER.handlers] == [logging.NullHandler]
    assert (LOGGER.level, LOGGER.propagate) == (logging.NOTSET, True)


@pytest.mark.parametrize("command", cli.app.registered_commands, ids=lambda one: one.name or one.callback.__name__)
def test_every_verb_takes_it(command):
    shown = call(command.name or command.callback.__name__.replace("_", "-"), "--help", COLUMNS="200").output
    assert "--log-json" in shown
