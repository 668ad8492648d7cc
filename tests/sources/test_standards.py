"""Standards: the built-in one, those of users, and every fault they can have."""

from __future__ import annotations

import pickle
import re

import pytest

from livingcircle.errors import SettingsError
from livingcircle.sources.standards import BUILT_IN, builtin_standards, read_services, read_standard

SOUND = """\
id: mine
title: {zh: 自定义}
minimum_share: 0.8
documents: {GB1: 某标准 GB 1-2020}
requirements:
  - id: bank-10
    service: bank
    limit_minutes: 10
    citation: {document: GB1, clause: "1.2", quote: 应配建, verification: read_in_full}
"""
SECOND = """\
  - id: bus-5
    service: bus_stop
    limit_minutes: 2.5
    minimum_share: 1
    citation: {document: GB1, clause: "1.3", verification: recall_unverified}
"""


@pytest.fixture
def faults_of(tmp_path):
    """Read a standard with this text and return its faults."""

    def read(text):
        (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError) as raised:
            read_standard("mine.yaml", tmp_path)
        return raised.value.faults

    return read


def only(faults):
    assert len(faults) == 1, [fault.sentence() for fault in faults]
    return faults[0]


# ── The built-in standard ───────────────────────────────────────────────────


def test_the_built_in_standard():
    standard = read_standard("quarter_hour")
    assert builtin_standards()[0] == "quarter_hour"
    assert standard.title.zh == "15分钟生活圈步行可达（精简）"
    limits = {requirement.id: requirement.limit_seconds for requirement in standard.requirements}
    assert limits["kindergarten-5"] == 300
    assert limits["primary_school-10"] == 600
    assert limits["middle_school-15"] == 900
    assert {requirement.minimum_share for requirement in standard.requirements} == {0.9}


def test_every_requirement_is_named_after_its_limit_and_cites_the_clause_of_that_level():
    level = {5: "2.0.4", 10: "2.0.3", 15: "2.0.2"}
    for requirement in read_standard("quarter_hour").requirements:
        assert requirement.id.endswith(f"-{requirement.limit_minutes:g}")
        if requirement.citation.document == "GB50180":
            assert requirement.citation.clause.startswith(level[requirement.limit_minutes])


def test_what_was_not_seen_in_the_document_is_not_called_verified():
    citations = [requirement.citation for requirement in read_standard("quarter_hour").requirements]
    assert {citation.verification for citation in citations if citation.document == "GB50180"} <= {
        "recall_unverified",
        "recall_cross_checked",
    }
    assert {citation.document for citation in citations if citation.verified} == {"GB51346"}


def test_the_target_share_is_called_the_tools_own_where_it_stands():
    text = (BUILT_IN / "quarter_hour.yaml").read_text(encoding="utf-8")
    comment = text[: text.index("\nminimum_share:")].rpartition("\n\n")[2]
    assert "本工具的默认目标，非标准条文" in comment


def test_services_come_in_the_order_the_requirements_speak_of_them():
    standard = read_standard("quarter_hour")
    order = list(dict.fromkeys(requirement.service for requirement in standard.requirements))
    assert [service.id for service in standard.services] == order


def test_folded_chinese_carries_no_space_between_characters():
    note = read_standard("quarter_hour").note.zh
    assert re.search(r"[\u3000-\u9fff\uff00-\uffef] [\u3000-\u9fff\uff00-\uffef]", note) is None
    assert "GB 50180-2018 表 3.0.4" in note


def test_every_built_in_service_has_both_names_and_tags_that_are_text():
    services = read_services()
    assert len({service.id for service in services}) == len(services)
    for service in services:
        assert service.name.zh
        assert service.name.en
        assert service.name.zh != service.name.en
        assert all(isinstance(value, str) for tags in service.osm_tags for value in tags.values()), service.id


def test_day_care_for_children_is_no_day_care_for_the_old():
    tags = {service.id: service.osm_tags for service in read_services()}["elderly_day_care"]
    child = {"amenity": "social_facility", "social_facility": "day_care", "social_facility:for": "child"}
    assert not any(alternative.items() <= child.items() for alternative in tags)


def test_a_standard_survives_the_way_to_another_process():
    standard = read_standard("quarter_hour")
    assert pickle.loads(pickle.dumps(standard)) == standard  # noqa: S301 - written in the same line


# ── Standards of users ──────────────────────────────────────────────────────


def test_a_standard_of_ones_own(tmp_path):
    (tmp_path / "mine.yaml").write_text(SOUND + SECOND, encoding="utf-8")
    standard = read_standard("mine.yaml", tmp_path)
    assert standard.title.en == "自定义"
    bank, bus = standard.requirements
    assert (bank.limit_seconds, bank.minimum_share) == (600, 0.8)
    assert (bus.limit_seconds, bus.minimum_share) == (150, 1)
    assert bank.citation.title == "某标准 GB 1-2020"
    assert (bank.citation.verified, bus.citation.verified) == (True, False)
    assert [service.id for service in standard.services] == ["bank", "bus_stop"]
    assert read_standard(str(tmp_path / "mine.yaml")) == standard


def test_a_standard_may_bring_services_and_replace_built_in_ones(tmp_path):
    own = (
        "services:\n  - {id: canteen, zh: 社区食堂}\n"
        "  - {id: bank, zh: 银行, en: Bank, osm: [{amenity: bank, operator: A}]}\n"
    )
    text = own + SOUND + SECOND.replace("bus_stop", "canteen")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    bank, canteen = read_standard("mine.yaml", tmp_path).services
    assert bank.osm_tags == ({"amenity": "bank", "operator": "A"},)
    assert (canteen.name.en, canteen.osm_tags) == ("社区食堂", ())


def test_a_standard_may_hold_several_limits_for_one_service(tmp_path):
    (tmp_path / "mine.yaml").write_text(SOUND + SECOND.replace("bus_stop", "bank"), encoding="utf-8")
    standard = read_standard("mine.yaml", tmp_path)
    assert [service.id for service in standard.services] == ["bank"]
    assert len(standard.requirements) == 2


# ── Faults ──────────────────────────────────────────────────────────────────


def test_an_unknown_name_lists_what_is_built_in():
    with pytest.raises(SettingsError) as raised:
        read_standard("quarter_hours")
    fault = only(raised.value.faults)
    assert fault.kind == "unknown_standard"
    assert "quarter_hour" in fault.remedy("zh")


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError) as raised:
        read_standard("absent.yaml", tmp_path)
    assert only(raised.value.faults).kind == "missing_file"


@pytest.mark.parametrize(
    ("old", "new", "kind", "row"),
    [
        ("limit_minutes: 10", "limit_minutes: -10", "wrong_setting", 8),
        ("limit_minutes: 10", "limit_minutes: 0", "wrong_setting", 8),
        ("limit_minutes: 10", "limit_minutes: .nan", "wrong_setting", 8),
        ("limit_minutes: 10", "limit_minutes: ten", "wrong_setting", 8),
        ("    limit_minutes: 10\n", "", "missing_setting", 6),
        ("minimum_share: 0.8", "minimum_share: 0", "wrong_setting", 3),
        ("minimum_share: 0.8", "minimum_share: 90", "wrong_setting", 3),
        ("minimum_share: 0.8\n", "", "missing_setting", 1),
        ("limit_minutes: 10", "limit_minutes: 10\n    minimum_share: 1.01", "wrong_setting", 9),
        ("service: bank", "service: bnak", "unknown_service", 7),
        ("document: GB1", "document: GB2", "unknown_document", 9),
        ("read_in_full", "seen", "wrong_setting", 9),
        ("limit_minutes: 10", "limit_minutes: 10\n    note: x", "unknown_setting", 9),
        ("bank-10", "bank 10", "wrong_setting", 6),
    ],
)
def test_each_fault_names_its_line(faults_of, old, new, kind, row):
    assert old in SOUND
    fault = only(faults_of(SOUND.replace(old, new)))
    assert (fault.kind, fault.row) == (kind, row)


def test_the_nearest_service_is_offered(faults_of):
    fault = only(faults_of(SOUND.replace("service: bank", "service: pharmcy")))
    assert "最接近的是：pharmacy" in fault.remedy("zh")


def test_a_requirement_id_given_twice(faults_of):
    fault = only(faults_of(SOUND + SECOND.replace("bus-5", "bank-10")))
    assert (fault.kind, fault.row, fault.value) == ("duplicate_requirement", 10, "bank-10")


def test_a_service_declared_twice(faults_of):
    twice = "services:\n  - {id: canteen, zh: 甲}\n  - {id: canteen, zh: 乙}\n"
    fault = only(faults_of(twice + SOUND))
    assert (fault.kind, fault.row) == ("duplicate_id", 3)


def test_all_faults_come_at_once_in_the_order_of_the_lines(faults_of):
    text = (SOUND + SECOND).replace("0.8", "1.2").replace("bus_stop", "bus").replace("bus-5", "bank-10")
    faults = faults_of(text.replace("limit_minutes: 10", "limit_minutes: -1"))
    assert [(fault.row, fault.kind) for fault in faults] == [
        (3, "wrong_setting"),
        (8, "wrong_setting"),
        (10, "duplicate_requirement"),
        (11, "unknown_service"),
    ]


@pytest.mark.parametrize("text", ["", "[]\n", "requirements: 5\n", "requirements: [5]\n", "services: {a: b}\n"])
def test_nonsense_is_refused_without_falling_over(faults_of, text):
    assert faults_of(text)
