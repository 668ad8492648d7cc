"""Age groups by name: dashes, 岁 and words for people make no difference; other ages do."""

import pytest

from livingcircle.model.ages import age_group, ages_of, group_named
from livingcircle.sources.standards import read_services


@pytest.mark.parametrize(
    ("name", "group", "ages"),
    [
        ("3-6", "3-6", (3, 6)), ("3–6岁", "3-6", (3, 6)), ("3至6周岁儿童", "3-6", (3, 6)), ("aged 3 to 6", "3-6", (3, 6)),
        ("60岁及以上老年人口", "60+", (60, None)), ("60+", "60+", (60, None)), ("0-3", "0-3", (0, 3)),
        ("6-3", None, None), ("常住人口", None, None), ("", None, None),
    ],
)  # fmt: skip
def test_ages_a_name_means(name, group, ages):
    assert age_group(name) == group
    assert ages_of(name) == ages


def test_a_group_is_found_by_its_name_or_its_ages():
    assert group_named("3-6", ("0-3岁", "3–6岁", "60岁以上")) == "3–6岁"
    assert group_named("60+", ("65+", "60岁以上", "60+")) == "60+"  # its own name first
    assert group_named("60+", ("65+", "60-64")) is None
    assert group_named("", ("常住",)) is None
    assert group_named("常住", ("常住",)) == "常住"


def test_built_in_services_are_for_the_ages_their_clauses_name():
    ages = {service.id: service.ages for service in read_services()}
    assert {name: ages[name] for name in ("nursery", "kindergarten", "primary_school", "middle_school")} == {
        "nursery": "0-3",
        "kindergarten": "3-6",
        "primary_school": "6-12",
        "middle_school": "12-15",
    }
    assert {service.ages for service in read_services() if service.group == "elderly"} == {"60+"}
    assert {service.ages for service in read_services() if service.group not in ("elderly", "children")} == {""}
