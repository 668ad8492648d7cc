"""The command: what it prints, what it returns, and that the README tells the truth about it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import written_town as w
from conftest import ROOT
from livingcircle import cli
from livingcircle.cli import looking, session
from livingcircle.progress import STAGES
from livingcircle.render.words import WORDS
from livingcircle.settings import schema

VERBS = ("check", "assess", "trace", "propose", "run")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def study_file(tmp_path):
    return w.write_town(tmp_path)


def call(*arguments: object, columns: int = 140):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(cli.app, [str(argument) for argument in arguments])


# ── Figures ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("verb", VERBS)
def test_json_is_one_object_and_nothing_else(study_file, verb):
    done = call(verb, study_file, "--json")
    assert done.exit_code == cli.DONE, done.output
    figures = json.loads(done.stdout)
    if verb == "check":
        assert figures["fit_for_use"]
        assert figures["counts"]["homes"] == len(w.HOME_METRES)
    else:
        near = next(row for row in figures["verdicts"] if row["requirement_id"] == "near" and row["scope"] == "study")
        assert near["residents_share"] == w.COVERED_5 / w.TOTAL
        assert near["verdict"] == "unmet"


def test_propose_prints_value_bound_and_gap(study_file):
    (plan,) = json.loads(call("propose", study_file, "--json").stdout)["plans"]
    assert (plan["value"], plan["bound"], plan["gap"], plan["status"]) == (32, 32, 0, "optimal")
    assert plan["sites"][0]["candidate_id"] == "C2"
    asked = call("propose", study_file, "--json", "--service", "pharmacy", "--sites", 2, "--limit-minutes", 10)
    (plan,) = json.loads(asked.stdout)["plans"]
    # Within 10 minutes (750 m) C2 at 1,400 m reaches the homes at 700 (covered already), 1,000 and 1,400 m.
    assert plan["value"] == 16 + 32


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("药店", "不达标", "数据不足")), ("en", ("Pharmacy", "not met", "insufficient data"))],
)
def test_verdicts_are_said_in_words(study_file, language, words):
    done = call("assess", study_file, "--language", language)
    assert done.exit_code == cli.DONE
    for word in words:
        assert word in done.stdout


def test_a_narrow_terminal_still_shows_every_figure(study_file):
    shown = call("assess", study_file, "-l", "en", columns=80).stdout
    for figure in ("4.8 %", "23.8 %", "49.2 %", "5 min ≥ 50 %", "not met"):
        assert figure in shown


def test_the_plan_is_said_in_words(study_file):
    shown = call("propose", study_file).stdout
    assert "车库" in shown
    assert "已证明最优" in shown


def test_trace_writes_one_file_and_sizes_it(study_file, tmp_path):
    done = call("trace", study_file, "-o", tmp_path / "areas.gpkg", "--json")
    assert (tmp_path / "areas.gpkg").is_file()
    sizes = {
        (row["service_id"], row["limit_minutes"]): row["area_km2"] for row in json.loads(done.stdout)["isochrones"]
    }
    # A street of 375 m with 40 m of land on either side, and as much around its end.
    assert sizes["pharmacy", 5] == pytest.approx(375 * 80 / 1e6, rel=0.15)
    assert sizes["kindergarten", 5] is None


def test_run_names_its_files_and_quiet_says_nothing(study_file):
    shown = call("run", study_file).stdout
    for name in ("map.html", "tables.xlsx", "results.gpkg", "run.json"):
        assert name in shown
    quiet = call("run", study_file, "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")


# ── Exit codes ──────────────────────────────────────────────────────────────


def test_unmet_requirements_are_an_exit_code_only_if_asked(study_file):
    assert call("assess", study_file).exit_code == cli.DONE
    assert call("assess", study_file, "--fail-if-unmet").exit_code == cli.STANDARD_NOT_MET
    assert call("run", study_file, "--fail-if-unmet", "-q").exit_code == cli.STANDARD_NOT_MET
    w.change(study_file.parent / "standard.yaml", "minimum_share: 0.5", "minimum_share: 0.01")
    assert call("assess", study_file, "--fail-if-unmet").exit_code == cli.DONE


@pytest.mark.parametrize("verb", VERBS)
def test_faulty_input_is_told_in_words_and_nothing_is_written(study_file, verb):
    (study_file.parent / "homes.csv").unlink()
    done = call(verb, study_file)
    assert done.exit_code == cli.INPUT_ERROR
    assert "文件不存在" in done.output
    assert "homes.csv" in done.output
    assert not (study_file.parent / "runs").exists()


def test_faults_are_json_too(study_file):
    w.change(study_file, "id: town", "id: town\ncolour: red")
    done = call("assess", study_file, "--json")
    assert done.exit_code == cli.INPUT_ERROR
    (fault,) = json.loads(done.stdout)["faults"]
    assert fault["row"] == 3
    assert set(fault["sentence"]) == {"zh", "en"}


@pytest.mark.parametrize(
    ("options", "picks"),
    [
        # C1 and C2 reach 16 + 32 of 63 within 5 minutes together; 3 are covered.
        (("--service", "pharmacy", "--target", "0.5"), {"C2"}),
        (("--service", "pharmacy", "--ranking"), {"C1", "C2"}),
        (("--close-unmet",), {"C1", "C2"}),  # half of each of two districts
        (("--service", "pharmacy", "--model", "least_walk", "--time-limit", "60"), {"C2"}),
    ],
)
def test_propose_takes_what_is_asked_for(study_file, options, picks):
    done = call("propose", study_file, "--json", *options)
    assert done.exit_code == cli.DONE, done.output
    (plan,) = json.loads(done.stdout)["plans"]
    assert {site["candidate_id"] for site in plan["sites"]} == picks
    assert plan["gap"] == (None if "--ranking" in options else 0)


def test_contradictory_options_of_propose_are_faulty_input(study_file):
    done = call("propose", study_file, "--service", "pharmacy", "--sites", 1, "--target", "0.5", "-l", "en")
    assert done.exit_code == cli.INPUT_ERROR
    assert "target_share" in done.output


def test_the_first_interruption_ends_the_search_and_the_second_the_command():
    before = signal.getsignal(signal.SIGINT)
    called = session.Session(None, None, "en", as_json=False, quiet=True)
    with session.stoppable(called) as is_stopped:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)  # no solver at work yet
        assert not is_stopped(1.0, 2.0)
        signal.raise_signal(signal.SIGINT)
        assert is_stopped(1.0, 2.0)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_impossible_plan_has_its_own_exit_code(study_file):
    done = call("propose", study_file, "--service", "pharmacy", "--sites", 3, "-l", "en")
    assert done.exit_code == cli.NO_FEASIBLE_PLAN
    assert "that of candidates only 2" in " ".join(done.output.split())


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("assess",),
        ("fly",),
        ("assess", "study.yaml", "--language", "fr"),
        ("propose", "study.yaml", "--sites", "2"),
    ],
)
def test_wrong_usage_has_its_own_exit_code(arguments):
    assert call(*arguments).exit_code == cli.USAGE_ERROR


def test_a_missing_study_file_is_faulty_input(tmp_path):
    done = call("run", tmp_path / "none.yaml", "-l", "en")
    assert done.exit_code == cli.INPUT_ERROR
    assert "does not exist" in done.output


def test_a_defect_of_the_program_shows_where_it_is(monkeypatch, capsys):
    def defect():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", defect)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.INTERNAL_ERROR
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_interrupting_is_no_defect(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 130


# ── The rest ────────────────────────────────────────────────────────────────


def test_another_standard_may_be_named(study_file, tmp_path, monkeypatch):
    assert (
        json.loads(call("assess", study_file, "--standard", "quarter_hour", "--json").stdout)["standard"]["id"]
        == "quarter_hour"
    )
    strict = tmp_path / "elsewhere"
    strict.mkdir()
    (strict / "strict.yaml").write_text(
        w.STANDARD.replace("minimum_share: 0.5", "minimum_share: 0.99"), encoding="utf-8"
    )
    monkeypatch.chdir(strict)
    figures = json.loads(call("assess", study_file, "--standard", "strict.yaml", "--json").stdout)
    assert {row["minimum_share"] for row in figures["verdicts"]} == {0.99}
    assert call("assess", study_file, "--standard", "nothing").exit_code == cli.INPUT_ERROR


def test_schema_is_printed_or_written(tmp_path):
    assert call("schema").stdout == schema()
    assert call("schema", tmp_path / "study.schema.json").exit_code == 0
    assert (tmp_path / "study.schema.json").read_text(encoding="utf-8") == schema()


def test_info_tells_versions_data_and_threads():
    facts = json.loads(call("info", "--json").stdout)
    assert facts["versions"]["living-circle"]
    assert "quarter_hour" in facts["standards"]
    assert facts["threads"] >= 1
    assert facts["cache_folder"] in call("info").stdout.replace("\n", "")


def test_the_page_is_started_with_the_study(monkeypatch, study_file):
    pytest.importorskip("streamlit", reason="the page is an extra")
    started: list[list[str]] = []
    monkeypatch.setattr("streamlit.web.cli.main", started.append)
    assert call("app", study_file, "--port", 9000, "--headless").exit_code == 0
    (command,) = started
    assert command[-1] == str(study_file)
    assert "--server.address=127.0.0.1" in command
    assert "--server.port=9000" in command
    assert looking.page_script().is_file()


@pytest.mark.parametrize(("bind", "warned"), [("127.0.0.1", False), ("::1", False), ("0.0.0.0", True)])  # noqa: S104
def test_a_page_open_to_others_is_warned_of(monkeypatch, bind, warned):
    pytest.importorskip("streamlit", reason="the page is an extra")
    monkeypatch.setattr("streamlit.web.cli.main", lambda _: None)
    done = call("app", "--bind", bind, "--headless")
    assert done.exit_code == 0
    assert ("docs/desk.md" in done.output) == warned


def test_without_streamlit_the_page_says_what_to_install(monkeypatch):
    monkeypatch.setattr(looking, "find_spec", lambda _name: None)
    done = call("app")
    assert done.exit_code == cli.USAGE_ERROR
    assert "living-circle[app]" in done.output


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_a_pipe_of_another_encoding_still_gets_every_word(study_file, encoding):
    variables = {**os.environ, "PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    calls = [["assess", str(study_file)], ["assess", str(study_file), "--json"], ["info"], ["--help"]]
    one_after_another = f"""
import sys
from livingcircle.cli import main
for sys.argv[1:] in {calls!r}:
    print("call", flush=True)
    try:
        main()
    except SystemExit as end:
        assert not end.code, sys.argv
"""
    done = subprocess.run([sys.executable, "-c", one_after_another], capture_output=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    said = done.stdout.decode("utf-8").split("call\n")[1:]
    assert len(said) == len(calls)
    assert all(said)


def test_every_stage_has_its_words():
    assert all(f"stage.{stage}" in WORDS for stage in STAGES)


def test_the_command_runs_in_a_process_of_its_own(study_file):
    done = subprocess.run(
        [sys.executable, "-m", "livingcircle", "assess", study_file, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"]["en"] == "One-street town"
    assert done.stderr == ""


# ── The README ──────────────────────────────────────────────────────────────

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command_and_no_other():
    named = set(re.findall(r"^living-circle ([\w-]+)", README, re.MULTILINE))
    assert named == {
        command.name or command.callback.__name__.replace("_", "-") for command in cli.app.registered_commands
    }


def test_the_commands_of_the_readme_work_on_a_study(study_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.yaml").write_text("{id: none, title: {zh: 无}}", encoding="utf-8")
    files = {"STUDY.yaml": study_file, "OTHER.yaml": study_file, "SCENARIO.yaml": "scenario.yaml"}
    for verb, arguments in re.findall(r"^living-circle ([\w-]+) *([^#\n]*)", README, re.MULTILINE):
        if verb not in {"app", "fetch", "batch"}:  # a browser, a connection, processes: tested by themselves
            known = {**files, "FILE": "schema.json", "DIR": "fresh", "RUN": study_file.parent / "runs" / "town"}
            stand_in = [known[argument] for argument in arguments.split() if argument in known]
            asked = ["--home", "H1", "--service", "pharmacy"] if verb == "explain" else []
            assert call(verb, *stand_in, *asked).exit_code == cli.DONE, verb


def test_the_first_commands_of_the_readme_are_the_launchers():
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)[1]
    assert re.findall(r"^python3 dev\.py (\w+)", first, re.MULTILINE) == ["demo", "test"]


def test_links_of_the_documents_lead_somewhere():
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_tutorial_shows_what_the_commands_print():
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    study = ROOT / "configs" / "helsinki.yaml"
    printed = "".join(call(verb, study, "-l", "en", columns=100).stdout for verb in ("check", "assess", "propose"))
    walk = re.search(r"^living-circle (explain) (\S+) (.*)$", text, re.MULTILINE)
    printed += call(walk[1], study, *walk[3].split(), columns=100).stdout
    blocks = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines() if "setting called" not in line]
    parts = [part.strip() for line in lines for part in line.split("…") if part.strip()]
    assert len(parts) > 8
    for part in parts:
        assert part in printed, part
