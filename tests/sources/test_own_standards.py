"""Standards of a city's own: what they take over, change, drop and add, and every fault they can have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import SettingsError
from livingcircle.model.rule import Rule
from livingcircle.model.standard import Citation
from livingcircle.sources.standard_faults import contradictions
from livingcircle.sources.standards import read_document, read_standard, standard_files, standard_schema
from livingcircle.yaml_text import YamlText

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "configs" / "standards" / "example.yaml"

HEAD = "id: mine\ntitle: {zh: 本市}\nextends: gb50180_2018\n"
NEW = """\
  - id: M-1
    level: community
    service: bank
    metric: count
    operator: ">="
    value: 1
    unit: 处
"""


@pytest.fixture
def read(tmp_path):
    """Read a standard with this text, and other files beside it."""

    def read_text(text, **others):
        for name, content in {"mine": text, **others}.items():
            (tmp_path / f"{name}.yaml").write_text(content, encoding="utf-8")
        return read_standard("mine.yaml", tmp_path)

    return read_text


@pytest.fixture
def faults_of(read):
    def faults(text, **others):
        with pytest.raises(SettingsError) as raised:
            read(text, **others)
        return raised.value.faults

    return faults


def rules_of(standard):
    return {rule.id: rule for rule in standard.rules}


# ── What they take over, change, drop and add ───────────────────────────────


def test_a_standard_that_only_extends_is_its_parent(read):
    mine, parent = read(HEAD), read_standard("gb50180_2018")
    assert mine.rules == parent.rules
    assert mine.requirements == parent.requirements
    assert mine.services == parent.services
    assert mine.inconsistencies == parent.inconsistencies
    assert (mine.id, mine.title.zh, mine.note) == ("mine", "本市", parent.note)


def test_a_changed_value_keeps_the_rest_but_is_no_longer_cited_as_the_parents(read):
    rule = rules_of(read(HEAD + "rules:\n  - {id: GB50180-kindergarten-radius, value: 400}\n"))[
        "GB50180-kindergarten-radius"
    ]
    parent = rules_of(read_standard("gb50180_2018"))["GB50180-kindergarten-radius"]
    assert (rule.value, rule.metric, rule.service, rule.measure) == (400, parent.metric, parent.service, "radius")
    assert rule.citation == Citation("mine", "本市", "", "", "recall_unverified")
    assert not rule.citation.verified


def test_a_changed_share_is_still_the_parents_clause(read):
    mine = read(HEAD + "rules:\n  - {id: GB50180-kindergarten-radius, minimum_share: 0.8}\n")
    (limit,) = [limit for limit in mine.requirements if limit.id == "GB50180-kindergarten-radius"]
    assert limit.minimum_share == 0.8
    assert limit.citation.document == "GB50180"


def test_a_changed_limit_moves_the_requirement(read):
    mine = read(HEAD + "rules:\n  - {id: GB50180-kindergarten-radius, value: 400}\n")
    (limit,) = [limit for limit in mine.requirements if limit.id == "GB50180-kindergarten-radius"]
    assert (limit.limit_metres, limit.limit_seconds) == (400, 320)


def test_a_dropped_rule_is_gone_with_its_service(read):
    bank = {rule.id for rule in read_standard("gb50180_2018").rules if rule.service == "bank"}
    mine = read(
        HEAD + f"drop: [{', '.join(bank)}, GB50180-T503-01, GB50180-T503-02, GB50180-T503-03, GB50180-T503-04, "
        "GB50180-T503-15, GB50180-T503-16]\n"
    )
    assert not bank & rules_of(mine).keys()
    assert "bank" not in {service.id for service in mine.services}


def test_a_new_rule_comes_last_and_shows_as_not_verified(read):
    rule = read(HEAD + "rules:\n" + NEW).rules[-1]
    assert (rule.id, rule.metric, rule.operator, rule.value, rule.unit_as_printed) == ("M-1", "count", ">=", 1, "处")
    assert rule.citation == Citation("mine", "本市", "", "", "recall_unverified")


def test_a_rule_may_cite_a_document_of_ones_own_or_a_built_in_one(read):
    text = (
        HEAD
        + "documents: {A1: 某办法}\nrules:\n"
        + NEW
        + "    document: A1\n"
        + NEW.replace("M-1", "M-2")
        + "    document: TD1062\n"
    )
    own, built_in = read(text).rules[-2:]
    assert own.citation.title == "某办法"
    assert built_in.citation.title == read_document("TD1062")[0].title.zh


def test_what_is_not_stated_is_taken_from_the_top_of_the_file_for_new_rules_only(read):
    text = HEAD + "unless_stated: {binding: target, verification: read_in_full}\nrules:\n" + NEW
    rules = rules_of(read(text + "  - {id: GB50180-bank-need, zh: 注}\n"))
    assert (rules["M-1"].binding, rules["M-1"].citation.verified) == ("target", True)
    assert (rules["GB50180-bank-need"].binding, rules["GB50180-bank-need"].citation.verified) == ("mandatory", False)


def test_a_standard_may_extend_one_that_extends_another(read):
    middle = HEAD.replace("mine", "middle") + "rules:\n" + NEW
    top = HEAD.replace("gb50180_2018", "middle.yaml") + "rules:\n  - {id: M-1, value: 2}\n"
    assert rules_of(read(top, middle=middle))["M-1"].value == 2


def test_a_service_of_ones_own_may_have_rules(read):
    text = HEAD + "services:\n  - {id: canteen, zh: 社区食堂}\nrules:\n" + NEW.replace("bank", "canteen")
    assert read(text).services[-1].id == "canteen"


def test_a_single_document_can_be_extended(read):
    assert len(read(HEAD.replace("gb50180_2018", "HN14")).rules) == len(read_document("HN14")[1])


def test_all_files_of_a_standard_are_named(read, tmp_path):
    read(HEAD.replace("gb50180_2018", "middle.yaml"), middle=HEAD.replace("mine", "middle"))
    names = [path.name for path in standard_files("mine.yaml", tmp_path)]
    assert names == ["mine.yaml", "middle.yaml", "gb50180.yaml", "gb50437.yaml", "gb55014.yaml"]


def test_the_example_reads_and_points_editors_at_the_schema():
    rules = rules_of(read_standard(str(EXAMPLE)))
    assert rules["GB50180-culture_station-floor"].value == 300
    assert "GB50180-gym-need" not in rules
    assert rules["SS25-01"].citation.title == "示例市社区服务设施配置办法（2025）"
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../standard.schema.json"


def test_the_example_of_the_page_reads(read):
    page = (ROOT / "docs" / "standards.md").read_text(encoding="utf-8")
    rules = rules_of(read(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]))
    assert (rules["GB50180-culture_station-floor"].value, rules["SS25-01"].value) == (300, 35)
    assert "GB50180-gym-need" not in rules


def test_the_committed_schema_is_current():
    committed = (ROOT / "configs" / "standard.schema.json").read_text(encoding="utf-8")
    assert committed == standard_schema(), "run: living-circle schema configs/standard.schema.json --standard"


def test_every_key_of_a_rule_is_explained_in_the_schema():
    rule = json.loads(standard_schema())["$defs"]["RuleEntry"]["properties"]
    assert [name for name, part in rule.items() if "description" not in part] == ["id"]


# ── Faults, each with its line ──────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "kind", "row"),
    [
        ("metric: count", "metric: counts", "unknown_metric", 8),
        ("service: bank", "service: bnak", "unknown_service", 7),
        ("    unit: 处\n", "", "incomplete_rule", 5),
        ("    value: 1\n", "", "incomplete_rule", 5),
        ("    service: bank\n", "", "incomplete_rule", 5),
        ('operator: ">="', "operator: between", "incomplete_rule", 5),
        ('operator: ">="', "operator: at least", "wrong_setting", 9),
        ("value: 1", "value: one", "wrong_setting", 10),
        ("unit: 处", "unit: 处\n    document: A1", "unknown_document", 12),
        ("unit: 处", "unit: 处\n    limit: 3", "unknown_setting", 12),
        ("unit: 处", "unit: 处\n    members: [bank, shop]", "unknown_service", 12),
        ("extends: gb50180_2018", "extends: gb50180_2019", "unknown_standard", 3),
        ("extends: gb50180_2018", "extends: absent.yaml", "missing_file", None),
        ("extends: gb50180_2018", "extends: gb50180_2018\ndrop: [GB50180-bnak-need]", "unknown_rule", 4),
        ("M-1", "M 1", "wrong_setting", 5),
    ],
)
def test_each_fault_names_its_line(faults_of, old, new, kind, row):
    text = HEAD + "rules:\n" + NEW
    assert old in text
    (fault,) = faults_of(text.replace(old, new))
    assert (fault.kind, fault.row) == (kind, row)
    assert fault.remedy("zh")


def test_all_faults_come_at_once(faults_of):
    text = (
        HEAD + "drop: [nothing]\nrules:\n" + NEW.replace("count", "number") + NEW.replace("service: bank", "service: b")
    )
    assert [(fault.row, fault.kind) for fault in faults_of(text)] == [
        (4, "unknown_rule"),
        (9, "unknown_metric"),
        (13, "duplicate_requirement"),
        (15, "unknown_service"),
    ]


def test_a_mistyped_id_is_told_from_a_new_rule(faults_of):
    (fault,) = faults_of(HEAD + "rules:\n  - {id: GB50180-kindergarten-radios, value: 400}\n")
    assert fault.kind == "incomplete_rule"
    assert "GB50180-kindergarten-radius" in fault.remedy("zh")


def test_rules_that_cannot_both_be_kept(faults_of):
    least = (
        NEW.replace("metric: count", "metric: floor_m2")
        .replace("value: 1", "value: 300")
        .replace("unit: 处", "unit: 平方米")
    )
    most = least.replace("M-1", "M-2").replace('">="', '"<="').replace("300", "200")
    (fault,) = faults_of(HEAD + "rules:\n" + least + most)
    assert (fault.kind, fault.row, fault.value) == ("contradicting_rules", 12, "M-2")
    assert "≤ 200" in fault.problem("zh")
    assert "≥ 300" in fault.problem("zh")


def test_a_change_that_contradicts_the_parent_is_told_where_it_is_made(faults_of):
    (fault,) = faults_of(HEAD + "rules:\n  - {id: GB50180-street_service_centre-x1, value: 1600}\n")
    assert (fault.kind, fault.row) == ("contradicting_rules", 5)
    assert fault.details["other"] == "GB50180-street_service_centre-floor"


@pytest.mark.parametrize("extends", ["mine.yaml", "other.yaml"])
def test_standards_that_extend_each_other(faults_of, extends):
    text = HEAD.replace("gb50180_2018", extends)
    (fault,) = faults_of(text, other=HEAD.replace("mine", "other").replace("gb50180_2018", "mine.yaml"))
    assert fault.kind == "standard_cycle"
    assert "mine.yaml" in fault.problem("zh")


def test_a_fault_of_the_parent_is_told_in_the_parents_file(faults_of):
    broken = HEAD.replace("mine", "middle") + "rules:\n" + NEW.replace("count", "number")
    (fault,) = faults_of(HEAD.replace("gb50180_2018", "middle.yaml"), middle=broken)
    assert (fault.kind, Path(fault.file).name, fault.row) == ("unknown_metric", "middle.yaml", 8)


def test_a_standard_of_nothing_says_what_it_needs(faults_of):
    kinds = {(fault.kind, fault.column) for fault in faults_of("id: mine\ntitle: {zh: 本市}\n")}
    assert kinds == {("missing_setting", "requirements"), ("missing_setting", "minimum_share")}


# ── Contradictions, for any two rules ───────────────────────────────────────

values = st.integers(0, 6).map(float)


@st.composite
def number_rules(draw, name):
    operator = draw(st.sampled_from([">=", ">", "<=", "<", "=", "between"]))
    value, width = draw(values), draw(values)
    more = value + width if operator == "between" else None
    return Rule(name, "bank", "count", operator, Citation("d", "d", "", "", "read_in_full"), value, more)


def keeps(rule, number):
    value = rule.value
    return {
        ">=": number >= value,
        ">": number > value,
        "<=": number <= value,
        "<": number < value,
        "=": number == value,
        "between": value <= number <= (rule.value_max or value),
    }[rule.operator]


@given(first=number_rules("a"), second=number_rules("b"))
def test_two_rules_contradict_exactly_where_no_number_keeps_both(first, second):
    """Looked for among all numbers that can tell: whole and half ones from -1 to 13, as the rules name whole ones from 0 to 12."""
    text = YamlText("mine", {"rules": [{"id": "a"}, {"id": "b"}]})
    found = bool(tuple(contradictions(text, {"a": first, "b": second})))
    assert found == (not any(keeps(first, half / 2) and keeps(second, half / 2) for half in range(-2, 27)))
