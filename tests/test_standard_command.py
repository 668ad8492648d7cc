"""`living-circle standards`: which standards there are, and every clause of one with its source."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from livingcircle import cli
from livingcircle.sources.standards import (
    builtin_standards,
    document_ids,
    read_services,
    read_standard,
    standard_schema,
)


def call(*arguments: object, columns: int = 100):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(cli.app, ["standards", *map(str, arguments)])


def test_all_standards_and_documents_are_listed_with_how_many_rules_were_seen():
    figures = json.loads(call("--json").stdout)
    assert [one["id"] for one in figures["standards"]] == list(builtin_standards())
    assert [one["id"] for one in figures["documents"]] == list(document_ids())
    for one in (*figures["standards"], *figures["documents"]):
        counts = one["rules"]
        assert counts["all"] == counts["seen"] + counts["quoted"] + counts["recalled"] > 0
    assert sum(one["rules"]["all"] for one in figures["documents"]) == 420
    printed = call().stdout
    assert "hunan_14" in printed
    assert "国标生活圈" in printed


def test_the_clauses_of_a_standard_come_with_document_quote_value_and_dispute():
    figures = json.loads(call("show", "hunan_14", "--json").stdout)
    rule = {rule["id"]: rule for rule in figures["rules"]}["HN14-02"]
    assert (rule["value"], rule["unit_as_printed"], rule["binding"], rule["dispute"]) == (
        43,
        "平方米/百名居民",
        "target",
        "I01",
    )
    assert rule["quote"] == "每百名居民拥有社区综合服务设施面积达到43平方米"
    assert rule["asked"] == {"zh": "≥ 43 平方米/百户", "en": "≥ 43 m² per 100 households"}
    (dispute,) = [one for one in figures["disputes"] if one["id"] == "I01"]
    assert dispute["rules"] == ["HN14-02", "HN14-02-printed"]
    printed = call("show", "hunan_14", columns=200).stdout
    for words in (
        rule["quote"],
        dispute["treatment"]["zh"][:20],
        "目标",
        "‡ I01",
        "湖南省“十四五”城乡社区服务体系建设规划",
    ):
        assert words in printed


def test_what_was_not_seen_in_print_is_marked_on_the_line_of_its_id():
    verified = {rule.id: rule.citation.verified for rule in read_standard("gb50180_2018").rules}
    lines = call("show", "gb50180_2018", columns=200).stdout.splitlines()
    of_ids = {line.split()[0]: line for line in lines if line.split() and line.split()[0] in verified}
    assert of_ids.keys() == verified.keys()
    for name, line in of_ids.items():
        assert ("※" in line) != verified[name], line
    assert "凭记忆录入" in of_ids["GB50180-bank-need"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("arguments", [(), ("show", "gb50180_2018"), ("services",)])
def test_narrow_terminals_fold_every_line(arguments, language):
    printed = call(*arguments, "-l", language, columns=60).stdout
    assert max(cell_len(line) for line in printed.splitlines()) <= 62  # a closing sign may stand beyond the edge


def test_english_says_everything_but_what_is_quoted_or_cited_in_english():
    figures = json.loads(call("show", "gb50180_2018", "--json").stdout)
    assert all(rule["note"]["en"] or not rule["note"]["zh"] for rule in figures["rules"])
    assert all(rule["service"]["en"] != rule["service"]["zh"] for rule in figures["rules"])


def test_all_service_types_are_listed_by_system():
    figures = json.loads(call("services", "--json").stdout)
    listed = [service["id"] for system in figures["systems"] for service in system["services"]]
    assert sorted(listed) == sorted(service.id for service in read_services())
    assert (len(figures["systems"]), len(listed)) == (27, 93)
    assert "不落点" in call("services").stdout


def test_a_file_of_ones_own_is_shown_or_its_faults_are_told(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("id: mine\ntitle: {zh: 本市}\nextends: HN14\ndrop: [HN14-03]\n", encoding="utf-8")
    shown = json.loads(call("show", file, "--json").stdout)
    assert "HN14-03" not in [rule["id"] for rule in shown["rules"]]
    file.write_text("id: mine\ntitle: {zh: 本市}\nextends: HN14\ndrop: [HN14-3]\n", encoding="utf-8")
    done = call("show", file)
    assert done.exit_code == cli.INPUT_ERROR
    assert "HN14-3" in done.output
    assert call("show", "hunan").exit_code == cli.INPUT_ERROR
    assert call("show").exit_code == cli.USAGE_ERROR


def test_the_schema_of_standards_is_printed():
    assert CliRunner().invoke(cli.app, ["schema", "--standard"]).stdout == standard_schema()
