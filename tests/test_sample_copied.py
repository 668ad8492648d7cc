"""The sample as people get it: copied by the command, from the source tree or from a wheel, and run at once."""

import re
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from livingcircle import cases
from livingcircle.cli import INPUT_ERROR, app
from livingcircle.errors import InputError
from livingcircle.render.sample import sample_data
from livingcircle.settings import read_study

ROOT = Path(__file__).parents[1]


def test_the_copy_reads_its_own_files_and_judges_as_the_sample_does(tmp_path):
    found = CliRunner().invoke(app, ["new", str(tmp_path / "我的 街道"), "--sample"])
    assert found.exit_code == 0, found.output
    study = tmp_path / "我的 街道" / "qinghe.yaml"
    assert str(study) in found.output.replace("\n", "")
    text = study.read_text(encoding="utf-8")
    assert "../" not in text
    assert "data/qinghe/" not in re.sub(r"data/qinghe/generate\.py", "", text)
    settings = read_study(study)
    assert settings.outputs.folder == tmp_path / "我的 街道" / "runs"
    checked = cases.check(settings)
    assert checked.faults == ()
    assert checked.study is not None
    assert checked.study.homes.residents.sum() == 60_000


def test_a_copy_in_english_answers_in_english(tmp_path):
    study = cases.copy_sample(tmp_path / "s", "en")["qinghe.yaml"]
    assert read_study(study).outputs.language == "en"


def test_what_is_there_is_never_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gates.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        cases.copy_sample(tmp_path)
    assert [fault.kind for fault in caught.value.faults] == ["already_there"]
    assert [file.name for file in tmp_path.rglob("*.*")] == ["gates.csv"]
    assert (tmp_path / "data" / "gates.csv").read_text(encoding="utf-8") == "mine"
    assert CliRunner().invoke(app, ["new", str(tmp_path), "--sample"]).exit_code == INPUT_ERROR


def test_the_copy_has_data_and_answers_but_no_scripts():
    names = {file.name for file in sample_data()}
    assert {"streets.osm", "qinghe.gpkg", "checklist.xlsx", "ANSWERS.md", "SOURCE.md"} <= names
    assert not any(name.endswith(".py") for name in names)


@pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling builds the wheel")
def test_the_wheel_carries_the_sample(tmp_path, monkeypatch):
    from hatchling.builders.wheel import WheelBuilder

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["hatchling"])
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"livingcircle/sample/data/{file.name}" for file in sample_data()} | {
        "livingcircle/sample/qinghe.yaml"
    } <= held
    assert [name for name in held if name.startswith("livingcircle/sample/") and name.endswith(".py")] == []
