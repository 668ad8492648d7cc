"""Choosing a study and making one of uploaded files, without a browser: what is offered, matched, refused, found wrong and kept apart."""

import errno
import os
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

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


# ── Faults ──────────────────────────────────────────────────────────────────


def report_of(page):
    """The report shown, as text of its page."""
    return page.bench.session_state["workspace"].report.page["zh"]


def test_faults_are_told_by_row_and_go_when_the_file_is_replaced(open_page, town):
    page = open_page(town, study=".upload")
    rows = (town / HOMES).read_text("gb18030").splitlines()
    broken = "\n".join([*rows[:2], rows[2].replace(",2", ",许多"), *rows[3:]])
    page = give_town(page, town)
    page = give(page, "homes", (HOMES, broken.encode("gb18030")))
    page = press(matched(page), "check_files")
    said = " ".join(page.words)
    assert say("start.unfit", "zh", faults=1, warnings=0)[:12] in said
    assert "“许多”不是该列所需的数值" in report_of(page)
    assert [one.key for one in page.bench.button if one.key == "compute"] == []
    # The same name takes its place, and the columns chosen stay.
    page = give(page, "homes", (HOMES, (town / HOMES).read_bytes()))
    assert say("start.outdated", "zh") in " ".join(page.words)
    page = press(page, "check_files")
    assert say("start.outdated", "zh") not in " ".join(page.words)
    assert "compute" in [one.key for one in page.bench.button]


def test_what_is_still_missing_is_said(open_page, town):
    page = open_page(town, study=".upload")
    assert say("start.missing", "zh", roles="步行路网、住宅、设施") in " ".join(page.words)
    assert page.bench.button(key="check_files").disabled
    page = give_town(page, town)
    assert not page.bench.button(key="check_files").disabled
    page = press(page, f"remove_upload_homes_{HOMES}")
    assert say("start.missing", "zh", roles="住宅") in " ".join(page.words)


def test_an_unreadable_file_is_said_before_any_check(open_page, town):
    page = give(open_page(town, study=".upload"), "homes", ("homes.xlsx", b"no workbook at all"))
    assert "Excel" in " ".join(page.words)
    assert not page.bench.exception


def test_a_suspected_datum_can_be_taken_over(open_page, town, monkeypatch):
    from livingcircle import checking
    from livingcircle.faults import Fault

    real = checking.load_study

    def suspicious(settings, stages, report):
        study = real(settings, stages, report)
        if settings.homes.datum is None:
            details = {
                "datum": "gcj02", "name": "GCJ-02", "as_read": "WGS-84", "metres": 500, "places": 6,
                "evidence_zh": "", "evidence_en": "", "rows": "",
            }  # fmt: skip
            report.warnings.append(Fault("looks_like_datum", file=str(settings.homes.path), details=details))
        return study

    monkeypatch.setattr(checking, "load_study", suspicious)
    page = press(matched(give_town(open_page(town, study=".upload"), town)), "check_files")
    page = press(page, f"datum_of_upload_homes_{HOMES}")
    assert page.bench.selectbox(key=f"upload_homes_{HOMES}_datum").value == "gcj02"
    assert say("start.outdated", "zh") in " ".join(page.words)
    page = press(page, "check_files")
    assert "datum: gcj02" in page.bench.session_state["workspace"].study.read_text("utf-8")


# ── Safety ──────────────────────────────────────────────────────────────────


def test_too_many_and_too_large_files_are_refused(open_page, town, monkeypatch):
    page = open_page(town, study=".upload")
    page = give(page, "facilities", *((f"f{number}.csv", b"id,lon,lat\n") for number in range(21)))
    assert say("start.too_many", "zh", most=20) in " ".join(page.words)
    held = page.bench.session_state["workspace"]
    assert held.uploads == []
    assert list(held.folder.rglob("*")) == []
    monkeypatch.setattr("desk.workspace.MOST_BYTES", 2**20)
    page = give(page, "facilities", ("large.csv", b"x" * (2**20 + 1)))
    assert say("start.too_much", "zh", most=1) in " ".join(page.words)
    assert held.uploads == []


def test_an_upload_that_finds_no_room_is_refused_in_words_and_replaces_nothing(open_page, town, monkeypatch):
    page = give(open_page(town, study=".upload"), "homes", (HOMES, (town / HOMES).read_bytes()))
    held = page.bench.session_state["workspace"]
    write = Path.write_bytes

    def full(path, content):
        if path.suffix == ".part":
            write(path, content[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    page = give(page, "homes", (HOMES, b"id,lon,lat,residents\n"))
    assert "磁盘空间不足。请检查磁盘空间和权限" in " ".join(page.words)
    assert [path.name for path in held.folder.rglob("*.*")] == [HOMES]
    assert (held.folder / "homes" / HOMES).read_bytes() == (town / HOMES).read_bytes()


@pytest.mark.parametrize(
    "name", ["homes.xlsx", "homes.gpkg", "homes.parquet", "homes.zip", "homes.geojson", "homes.fgb"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_that_is_cut_short_is_told_in_our_own_words(open_page, town, tmp_path, name, language):
    frame = gpd.GeoDataFrame({"residents": [3] * 2000}, geometry=[Point(121, 31)] * 2000, crs=4326)
    whole = tmp_path / name
    if whole.suffix == ".xlsx":
        pd.DataFrame({"residents": range(2000)}).to_excel(whole)
    elif whole.suffix == ".parquet":
        frame.to_parquet(whole)
    elif whole.suffix == ".zip":
        frame.to_file(tmp_path / "homes.shp")
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in tmp_path.glob("homes.*"):
                if part != whole:
                    archive.write(part, part.name)
    else:
        frame.to_file(whole)
    page = open_page(town, study=".upload", lang=language)
    box = next(one for one in page.bench.file_uploader if one.label == say("start.file_homes", language))
    box.set_value([(name, whole.read_bytes()[: whole.stat().st_size // 2], "application/octet-stream")])
    said = " ".join(type(page)(page.bench.run()).words)
    assert {"zh": "文件无法读取：文件不完整或已损坏", "en": "the file cannot be read: it is cut short or damaged"}[
        language
    ] in said
    assert {"zh": "重新复制", "en": "copy it again"}[language] in said


def test_names_of_files_lead_nowhere_and_are_shown_as_text(open_page, town):
    evil = "../../<script>alert(1)</script>![x](http://example.org/x.png).csv"
    page = give(open_page(town, study=".upload"), "homes", (evil, (town / HOMES).read_bytes()))
    held = page.bench.session_state["workspace"]
    assert [path.parent for path in held.folder.rglob("*.csv")] == [held.folder / "homes"]
    whole = "".join(page.bodies) + "".join(one.label for one in page.bench.button)
    assert "<script>alert" not in whole
    assert "![" not in whole


def test_cells_and_titles_are_shown_as_text(open_page, town):
    page = open_page(town, study=".upload")
    cells = '<script>alert(1)</script>,lon,lat\n"<img src=x onerror=alert(1)>",121,31\n'
    page = give(page, "homes", (HOMES, cells.encode()))
    whole = "".join(page.bodies)
    assert "&lt;img src=x" in whole
    assert "<img" not in whole
    assert "<script>" not in whole


def test_sessions_have_folders_of_their_own_that_end_with_them(open_page, town):
    one = give_town(open_page(town, study=".upload"), town)
    other = open_page(town, study=".upload")
    mine = one.bench.session_state["workspace"].folder
    theirs = other.bench.session_state["workspace"].folder
    assert mine != theirs
    assert mine.stat().st_mode & 0o077 == 0 or mine.parent.stat().st_mode & 0o077 == 0
    assert len(mine.name) >= 32
    assert not any(theirs.rglob("*"))
    assert other.bench.session_state["workspace"].uploads == []
    one.bench.session_state["workspace"]._end()  # what the collector does once the session is gone
    assert not mine.parent.exists()
    assert theirs.exists()


def test_folders_of_sessions_that_are_away_are_swept(open_page):
    from desk.workspace import SECONDS_AWAY, Workspace, sweep

    gone, here, back = Workspace("gone"), Workspace("here"), Workspace("back")
    for held in (gone, here, back):
        held.add("homes", "homes.csv", b"id\n")
    sweep([gone, here, back], lambda session: session == "here", 0.0)
    sweep([gone, here, back], lambda session: session != "gone", SECONDS_AWAY / 2)
    sweep([gone, here, back], lambda session: session == "here", SECONDS_AWAY)
    assert not gone.folder.parent.exists()
    assert gone.uploads == []
    assert here.folder.exists()
    assert back.folder.exists()  # its time away begins anew


def test_a_link_to_an_uploaded_study_opens_for_nobody_else(open_page, town):
    page = open_page(town, study=".own")
    assert page.headings[0] == say("page.name", "zh")
    assert say("start.gone", "zh") in " ".join(page.words)


def test_answers_of_uploads_are_not_on_the_common_shelf(open_page, town):
    from desk import answers

    before = set(answers._shelf()._kept)
    page = press(matched(give_town(open_page(town, study=".upload"), town)), "check_files")
    page = press(page, "compute")
    assert page.tiles["居民"][0] == f"{w.TOTAL} 人"
    assert set(answers._shelf()._kept) == before
    assert len(page.bench.session_state["own_answers"]._kept) == 1


# ── Languages, text size, sign-in ───────────────────────────────────────────


def test_english_is_complete_on_start_and_upload(open_page, town):
    chinese = re.compile(r"[\u4e00-\u9fff]")
    start = open_page(town, lang="en")
    assert [said for said in start.words if chinese.search(said) and "街小镇" not in said] == []
    page = open_page(town, study=".upload", lang="en")
    assert [said for said in page.words if chinese.search(said)] == []


def test_larger_text_is_kept_in_the_address(open_page, town):
    page = open_page(town)
    page.bench.toggle(key="larger_text").set_value(True)
    page = type(page)(page.bench.run())
    assert page.bench.query_params["text"] == "large"
    assert any("font-size: 20px" in one.body for one in page.bench.html)


def test_where_sign_in_is_set_up_nothing_is_shown_before_it(open_page, town, monkeypatch):
    import streamlit as st

    monkeypatch.setattr("desk.frame._asks_to_sign_in", lambda: True)
    monkeypatch.setattr(st, "user", SimpleNamespace(is_logged_in=False))
    page = open_page(town)
    assert page.headings == [say("start.sign_in_title", "zh")]
    assert [one.key for one in page.bench.button] == ["sign_in"]
    monkeypatch.setattr(st, "user", _Somebody())
    assert "打开：一街小镇" in " ".join(open_page(town).words)


class _Somebody(dict):
    is_logged_in = True
