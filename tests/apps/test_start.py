"""Choosing a study and making one of uploaded files, without a browser: what is offered, matched, refused, found wrong and kept apart."""


import pytest

import written_town as w
from livingcircle.render.words import say

STREETS, HOMES, FACILITIES = "streets.osm", "homes.csv", "pharmacies.csv"


@pytest.fixture
def town(tmp_path):
    return w.write_town(tmp_path).parent


def give(page, role, *files):
    """Upload files for a role, as (name, content)."""
    box = next(one for one in page.bench.file_uploader if one.label == say(f"start.file_{role}", "zh"))
    box.set_value([(name, content, "application/octet-stream") for name, content in files])
    return type(page)(page.bench.run())


def give_town(page, town):
    page = give(page, "network", (STREETS, (town / STREETS).read_bytes()))
    page = give(page, "homes", (HOMES, (town / HOMES).read_bytes()))
    return give(page, "facilities", (FACILITIES, (town / FACILITIES).read_bytes()))


def set_to(page, widget, key, value):
    getattr(page.bench, widget)(key=key).set_value(value)
    return type(page)(page.bench.run())


def press(page, key):
    page.bench.button(key=key).click()
    return type(page)(page.bench.run())


def matched(page):
    """The town's columns, matched: `居民数` and the pharmacies cannot be told by themselves."""
    page = set_to(page, "selectbox", f"upload_homes_{HOMES}__residents", "居民数")
    page = set_to(page, "selectbox", f"upload_facilities_{FACILITIES}_kind", "service")
    return set_to(page, "selectbox", f"upload_facilities_{FACILITIES}_service", "pharmacy")


def test_the_start_offers_the_studies_of_a_folder(open_page, town):
    page = open_page(town)
    assert "打开：一街小镇" in page.words
    page = press(page, "open_study")
    assert page.bench.query_params["study"] == "study"
    assert page.headings[0] == "一街小镇"


def test_a_study_named_is_opened_at_once(open_page, town):
    assert open_page(town / "study.yaml").headings[0] == "一街小镇"


def test_files_are_uploaded_matched_checked_and_computed(open_page, town):
    page = give_town(open_page(town, study=".upload"), town)
    page = press(matched(page), "check_files")
    assert say("start.fit", "zh", warnings=0)[:4] in " ".join(page.words)
    page = press(page, "compute")
    assert page.bench.query_params["study"] == ".own"
    assert page.headings[0] == say("start.title_default", "zh")
    assert page.tiles["居民"][0] == f"{w.TOTAL} 人"
