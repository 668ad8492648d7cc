"""Built-in documents: every rule of the raw material is held, as it was read, and says how it gets its verdict."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest

from livingcircle.model.rule import Metric, Rule
from livingcircle.model.standard import METRES_PER_SECOND, at_pace
from livingcircle.render.standard_lists import grade_of, held_by, print_standard, standard_figures
from livingcircle.render.words import WORDS
from livingcircle.sources.standard_entries import CIRCLE
from livingcircle.sources.standard_faults import contradictions
from livingcircle.sources.standards import (
    builtin_standards,
    document_ids,
    read_conditions,
    read_document,
    read_inconsistencies,
    read_profiles,
    read_services,
    read_standard,
)
from livingcircle.yaml_text import YamlText

ADDED = {"HN14-02-printed", "GB50180-407-old"}
"""Second readings that one clause of the raw material holds: the unit as printed, and the figure for redevelopment."""
ASKED_AS_YES = {"named", "checklist", "design", "colocation"}
"""Metrics for which the raw material writes 1 where the text has no number."""
NOT_IN_NUMBERS = {"JS07-15"}
"""Clauses without a number that point to another standard."""

READ_ANEW = {
    "WZ20-01": (">=", 800, None),  # 为宜 advises a size and fixes none
    "SH16-02": ("between", 2.5, 3.5),  # 左右: what rounds to 3
    "QR23-01": ("between", 45, 55),  # 左右: what rounds to 50
}
"""Clauses whose words say "about" or "best", which the raw material holds as "equal to"."""
QUOTED_ANEW = {
    "GB50180-community_health_centre-x1": "建筑面积1700~2000㎡",
    "GB50180-community_health_station-x1": "建筑面积120~270㎡",
    **dict.fromkeys(
        (
            *("GB50180-middle_school-x1", "GB50180-primary_school-x1", "GB50180-kindergarten-x1", "GB50437-06"),
            *("GB50180-street_service_centre-radius", "GB50180-community_service_station-radius"),
            *("GB50180-police_station-radius", "GB50180-multi_field_small-radius", "GB50180-outdoor_fitness-radius"),
            "GB50180-waste_station-x1",
        ),
        "",
    ),
}
"""Rules beside which the raw material puts the sentence of another: the column of their table that holds the figure, or no quote."""


def rules_held() -> dict[str, Rule]:
    return {name: rule for document in document_ids() for name, rule in read_document(document)[1].items()}


@pytest.fixture(scope="module")
def held():
    return rules_held()


@pytest.fixture(scope="module")
def raw(shared_data):
    path = shared_data.parent / "standards" / "rules.yaml"
    if not path.is_file():
        pytest.skip("the raw material the standards were written from is not in this folder")
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


# ── Against the raw material ────────────────────────────────────────────────


def test_every_rule_is_held_and_none_beside_them(raw, held):
    names = [rule["id"] for rule in raw["rules"]]
    assert len(names) == len(set(names)) == 418
    assert held.keys() - set(names) == ADDED
    assert set(names) <= held.keys()


def test_every_rule_is_held_as_it_was_read(raw, held):
    for rule in raw["rules"]:
        mine = held[rule["id"]]
        assert mine.citation.document == rule["doc"]
        assert mine.citation.quote == QUOTED_ANEW.get(rule["id"], rule["quote"]), rule["id"]
        assert mine.citation.verification == rule["verification"], rule["id"]
        assert mine.citation.confidence == rule["confidence"], rule["id"]
        assert re.sub("[（）]", "", mine.citation.clause) == re.sub("[()]", "", str(rule["clause"])), rule["id"]
        assert (mine.service, mine.level, mine.statistic, mine.operator, mine.binding) == (
            rule["service"],
            rule["level"],
            rule["stat"],
            READ_ANEW.get(rule["id"], (rule["op"],))[0],
            rule["binding"],
        ), rule["id"]
        assert mine.compulsory == bool(rule.get("compulsory_clause")), rule["id"]
        assert (mine.measure == "radius") == (rule.get("measure") == "radius"), rule["id"]
        assert str(rule.get("deadline") or "").startswith(mine.deadline), rule["id"]
        assert bool(mine.deadline) == bool(rule.get("deadline")), rule["id"]


def test_every_number_is_the_one_read(raw, held):
    for rule in raw["rules"]:
        mine = held[rule["id"]]
        if rule["id"] in READ_ANEW:
            assert (mine.operator, mine.value, mine.value_max) == READ_ANEW[rule["id"]]
            assert "本工具的读法" in mine.note.zh
        elif mine.value is None:
            assert mine.metric in ASKED_AS_YES, rule["id"]
            assert rule["value"] == (None if rule["id"] in NOT_IN_NUMBERS else 1), rule["id"]
        else:
            assert mine.value == rule["value"], rule["id"]
            assert mine.value_max == rule.get("value_max"), rule["id"]
            assert mine.unit_as_printed, rule["id"]


def test_every_condition_is_kept_as_a_name_or_as_sizes(raw, held):
    for rule in raw["rules"]:
        mine = held[rule["id"]]
        bounded = mine.least_units > 0 or mine.most_units < float("inf")
        assert bool(rule.get("applies_when")) <= (bool(mine.applies_when) or bounded), rule["id"]
        if bounded:
            assert re.search(r"\d", rule["applies_when"]), rule["id"]


def test_every_remark_is_kept_in_both_languages(raw, held):
    for rule in raw["rules"]:
        if rule.get("note"):
            note = held[rule["id"]].note
            assert re.search("[\u4e00-\u9fff]", note.zh), rule["id"]
            assert note.en != note.zh, rule["id"]


def test_what_people_must_tell_in_the_raw_material_is_asked_of_people_or_kept_by_the_tool(raw, held):
    by_data = {
        rule["id"]
        for rule in raw["rules"]
        if rule["checkable"] == "manual" and held_by(held[rule["id"]]) == "evaluated"
    }
    assert by_data == {"SD12-19"}  # its list is printed, so that the data answer
    for rule in raw["rules"]:
        if rule["checkable"] == "design":
            assert held_by(held[rule["id"]]) == "design", rule["id"]


def test_every_dispute_and_standard_is_held(raw):
    assert [one.id for one in read_inconsistencies()] == [one["id"] for one in raw["inconsistencies"]]
    called = {"quarter_hour": "quarter_hour_circle"}
    for profile in raw["profiles"]:
        mine = read_profiles()[called.get(profile["id"], profile["id"])]
        assert list(mine.documents) == profile["docs"], profile["id"]
        assert mine.parent == profile.get("parent", "")
    assert {document["id"] for document in raw["documents"]} == set(document_ids())


# ── In themselves, wherever the raw material is ─────────────────────────────


def test_there_are_27_documents_and_420_rules(held):
    assert len(document_ids()) == 27
    assert len(held) == 418 + len(ADDED)


def test_how_every_rule_gets_its_verdict():
    """Nothing is dropped: each rule is measured, told by people, listed by the city, or kept by the tool, which then says how."""
    ways: Counter[str] = Counter()
    for rule in rules_held().values():
        assert rule.metric in get_args(Metric), rule.id
        way = held_by(rule)
        ways[way] += 1
        if way != "evaluated":
            assert rule.note.zh, rule.id
            assert rule.note.en, rule.id
        if way == "design":
            assert "本工具" in rule.note.zh, rule.id
    assert ways == {"evaluated": 350, "register": 38, "design": 16, "checklist": 14, "list": 2}


def test_a_metric_that_needs_a_number_has_one(held):
    for rule in held.values():
        if rule.metric not in {*ASKED_AS_YES, "facility_list", "presence"}:
            assert rule.value is not None, rule.id
        assert (rule.operator == "between") == (rule.value_max is not None), rule.id
        if rule.metric.endswith("share") or rule.metric.startswith("share_"):
            assert 0 < rule.value <= 1, rule.id


def test_names_that_rules_use_are_known(held):
    services = {service.id for service in read_services()}
    disputes = {one.id for one in read_inconsistencies()}
    for rule in held.values():
        assert rule.service in services | {CIRCLE}, rule.id
        assert set(rule.members) <= services, rule.id
        assert not rule.applies_when or rule.applies_when in read_conditions(), rule.id
        assert not rule.dispute or rule.dispute in disputes, rule.id
        assert len(rule.citation.quote) <= 32, rule.id
    for dispute in read_inconsistencies():
        assert set(dispute.documents) <= set(document_ids())
        for words in (dispute.topic, dispute.finding, dispute.treatment):
            assert words.zh != words.en


def test_a_rule_touched_by_a_dispute_belongs_to_a_document_of_it(held):
    documents = {one.id: one.documents for one in read_inconsistencies()}
    for rule in held.values():
        assert not rule.dispute or rule.citation.document in documents[rule.dispute], rule.id


def test_a_quote_that_gives_another_figure_than_the_rule_says_so(held):
    """Distances, areas, classes and widths whose figure is not in the quote, although another figure may be."""
    metrics = {"walk_metres", "floor_m2", "land_m2", "classes", "width_metres", "land_m2_per_resident"}
    for rule in held.values():
        quote = re.sub(r"[\[\]]", "", rule.citation.quote)  # what the reader completed
        if rule.metric in metrics and quote and f"{rule.value:g}" not in quote:
            assert "引文" in rule.note.zh, rule.id
        assert "另一句" not in rule.note.zh, rule.id


def test_the_words_of_another_sentence_stand_beside_no_rule(held):
    """What was recalled without its words has no quote, and says so; a column of areas stands beside the floor it is the lower end of."""
    for name, quote in QUOTED_ANEW.items():
        assert held[name].citation.quote == quote
        assert ("引文" if quote else "无引文") in held[name].note.zh
        assert not quote or f"{held[name].value:g}" in quote


def test_what_is_best_or_about_is_not_asked_to_the_unit(held):
    """为宜, 适宜, 左右 and 宜 never mean "equal to", and 宜 never binds."""
    for rule in held.values():
        text = rule.citation.quote
        if re.search("宜|左右|大约", text):
            assert rule.operator != "=", rule.id
        if "宜" in text and not re.search("应|不得", text):
            assert rule.binding == "advisory", rule.id


def test_words_from_memory_are_shown_as_no_quotation():
    printed: list[str] = []
    documents = {"GB50180": read_document("GB50180")[0]}
    figures = standard_figures(read_standard("GB50180"), documents, read_services(), read_conditions())
    print_standard(figures, "zh", 200, lambda line, _style: printed.append(line))
    text = "\n".join(printed)
    assert "大意：应配建(▲)" in text
    assert "“应配建(▲)”" not in text
    assert "“步行距离300m”" in text


def test_most_of_the_national_standard_is_said_to_be_recalled():
    grades = Counter(grade_of(rule) for rule in read_standard("GB50180").rules)
    assert grades["recalled"] > grades["quoted"] > grades["seen"] == 0


@pytest.mark.parametrize("name", builtin_standards())
def test_a_built_in_standard_does_not_contradict_itself(name):
    rules = {rule.id: rule for rule in read_standard(name).rules}
    text = YamlText("built in", {"rules": [{"id": rule} for rule in rules]})
    assert [fault.sentence() for fault in contradictions(text, rules)] == []


@pytest.mark.parametrize("name", read_profiles())
def test_what_a_local_rule_replaces_is_there_to_be_replaced_and_of_the_same_kind(name):
    profile = read_profiles()[name]
    parent = {rule.id: rule for rule in read_standard(profile.parent).rules} if profile.parent else {}
    rules = {rule.id: rule for rule in read_standard(name).rules}
    for old, new in profile.replaces.items():
        assert old not in rules
        assert parent[old].metric == rules[new].metric
        assert parent[old].service == rules[new].service


def test_the_hunan_target_is_held_in_both_readings():
    rules = {rule.id: rule for rule in read_standard("hunan_14").rules}
    by_households, as_printed = rules["HN14-02"], rules["HN14-02-printed"]
    assert (by_households.metric, by_households.value) == ("floor_m2_per_100_households", 43)
    assert (as_printed.metric, as_printed.value) == ("floor_m2_per_1000_residents", 43 * 10)
    assert by_households.dispute == as_printed.dispute == "I01"
    assert as_printed.binding == "advisory"


def test_parts_of_table_503_add_up_to_its_totals(held):
    """A + B (+ S) are the totals of land and floor of the 15- and 10-minute circles: 1250 + 350 = 1600, 1890 + 20 + 70 = 1980."""
    for total, parts in {"01": ("09", "13"), "02": ("10", "14"), "03": ("11", "15", "17"), "04": ("12", "16")}.items():
        whole = held[f"GB50180-T503-{total}"]
        split = [held[f"GB50180-T503-{part}"] for part in parts]
        assert sum(rule.value for rule in split) == whole.value
        assert sum(rule.value_max for rule in split) == whole.value_max
        assert sorted(member for rule in split for member in rule.members) == sorted(whole.members)


# ── Walking limits ──────────────────────────────────────────────────────────


def test_walking_limits_are_the_walking_rules_and_what_their_circle_gives():
    standard = read_standard("gb50180_2018")
    limits = {limit.id: limit for limit in standard.requirements}
    kindergarten = limits["GB50180-kindergarten-radius"]
    assert (kindergarten.limit_metres, kindergarten.limit_seconds) == (300, 300 / METRES_PER_SECOND)
    bank = limits["GB50180-bank-need-walk"]
    assert (bank.service, bank.limit_metres, bank.citation.clause) == ("bank", 500, "2.0.3/表3.0.4")
    with_own = {rule.service for rule in standard.rules if rule.metric == "walk_metres"}
    assert not any(limit.service in with_own for name, limit in limits.items() if name.endswith("-walk"))


def test_limits_in_metres_take_slower_walkers_longer_and_those_in_minutes_stay():
    """300 m at 1.25 m/s are 240 s, at the 0.8 m/s of older people 375 s; ten minutes are ten minutes."""
    for name, seconds in {"GB50437": (1250, 375), "NT09": (600,)}.items():
        standard = read_standard(name)
        paced = at_pace(standard.requirements, 0.8)
        assert tuple(limit.limit_seconds for limit in paced)[: len(seconds)] == seconds
        assert at_pace(paced, METRES_PER_SECOND) == standard.requirements


@pytest.mark.parametrize("name", [*builtin_standards(), *document_ids()])
def test_every_service_of_a_limit_or_rule_is_among_the_services(name):
    standard = read_standard(name)
    services = [service.id for service in standard.services]
    assert len(services) == len(set(services))
    spoken_of = {rule.service for rule in standard.rules} | {one for rule in standard.rules for one in rule.members}
    assert spoken_of - {CIRCLE} == set(services)
    keys = [(limit.service, limit.limit_seconds) for limit in standard.requirements]
    assert len(keys) == len(set(keys))
    places = {service.id: service for service in standard.services}
    assert all(places[service].kind == "facility" for service, _ in keys)
    assert all(places[service].privacy != "restricted" for service, _ in keys)


def test_rules_about_conditions_give_no_limit():
    assert [limit.id for limit in read_standard("GB51346").requirements] == ["GB51346-01", "GB51346-02", "GB51346-03"]


def test_rules_about_conditions_that_hold_give_one(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "id: own\ntitle: {zh: 本市}\nextends: GB51346\nrules:\n  - {id: GB51346-04, value: 200}\n",
        encoding="utf-8",
    )
    assert [limit.limit_metres for limit in read_standard(str(own)).requirements] == [1000, 500, 300]
    limits = read_standard(str(own), conditions=["old_city"]).requirements
    assert [limit.limit_metres for limit in limits] == [1000, 500, 300, 200]


def test_every_code_of_rules_has_words(held):
    for rule in held.values():
        for group, code in (
            ("metric", rule.metric),
            ("binding", rule.binding),
            ("rule_level", rule.level),
            ("verification", rule.citation.verification),
        ):
            assert f"{group}.{code}" in WORDS, rule.id
