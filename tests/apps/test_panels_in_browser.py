"""The panels as an official works with them: a place of the gap list on the map, a search for sites run and stopped, files taken along."""

import json
import zipfile

import docx
import openpyxl
import pyogrio
import pytest

import written_town as w
from livingcircle.render.words import say

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect

NOTHING = ([], [], [])

_NEVER_ENDING = """
import time
import livingcircle.siting as siting

found = siting.proposed

def proposed(study, assessment, task, watch=None):
    while task.time_limit_seconds > 30 and watch is not None and not watch.is_stopped(24.0, 32.0):
        time.sleep(0.05)
    return found(study, assessment, task, watch)

siting.proposed = proposed
"""
"""For the server: a search with more than 30 s ends only when it is stopped."""
_FULL = """
import errno, os, tempfile
from pathlib import Path

made = tempfile.mkdtemp

def mkdtemp(*asked, **named):
    if Path(__file__).with_name("full").exists():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return made(*asked, **named)

tempfile.mkdtemp = mkdtemp
"""
"""For the server: its disk is full while a file of this name lies there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def server(served, folder):
    (folder / "sitecustomize.py").write_text(_NEVER_ENDING + _FULL, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        with served(w.write_town(folder)) as address:
            yield address


def test_a_place_of_the_gap_list_is_shown_on_the_map(server, visitor):
    found = visitor(f"{server}/?study=study&panel=gaps")
    page = found.page
    page.locator(".lc-gaps .lc-pick").first.wait_for()
    found.at_rest()
    place = page.locator(".lc-gaps tr .lc-stack").first.inner_text().splitlines()[0]
    page.locator(".lc-gaps .lc-pick").first.press("Enter")
    page.wait_for_url("**panel=map**")
    inside = page.frame_locator(f'iframe[title="{say("page.map_name", "zh")}"]')
    inside.locator(".leaflet-popup").get_by_text(place).wait_for()
    page.wait_for_function("document.activeElement.tagName === 'IFRAME'")  # where who uses the keyboard goes on
    assert found.unwanted == NOTHING


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sites_are_sought_and_the_plan_is_read(server, visitor, language):
    found = visitor(f"{server}/?study=study&panel=plan&service=pharmacy&lang={language}")
    page = found.page
    page.get_by_text(say("page.siting_title", language), exact=True).wait_for()
    found.at_rest()
    page.get_by_text(say("page.siting_candidates", language)).click()
    page.locator('[data-lc-pick="candidate:forbidden/C2"]').check()
    page.get_by_text(say("page.siting_candidates_note", language, count=2, required=0, forbidden=1)).wait_for()
    expect(page.locator('[data-lc-pick="candidate:forbidden/C2"]')).to_be_checked()
    found.at_rest()
    page.get_by_role("button", name=say("page.siting_run", language), exact=True).click()
    page.get_by_role("button", name=say("page.siting_forget", language)).wait_for()
    first = page.locator(".lc-plan").first
    expect(first.locator("tbody tr")).to_have_count(1)
    expect(first).to_contain_text("旧粮站")
    found.at_rest()
    with page.expect_download() as download:
        page.get_by_role("button", name=say("page.siting_task_download", language)).click()
    assert "forbidden:" in download.value.path().read_text("utf-8")
    assert found.unwanted == NOTHING


def test_boxes_ticked_in_quick_succession_all_hold(server, visitor):
    found = visitor(f"{server}/?study=study&panel=plan&service=pharmacy")
    page = found.page
    page.get_by_text(say("page.siting_candidates", "zh")).wait_for()
    found.at_rest()
    page.get_by_text(say("page.siting_candidates", "zh")).click()
    page.locator('[data-lc-pick="candidate:forbidden/C2"]').wait_for()
    found.at_rest()
    page.evaluate("""() => {
        for (const box of document.querySelectorAll('[data-lc-pick^="candidate:forbidden/"]')) box.click();
    }""")
    page.get_by_text(say("page.siting_candidates_note", "zh", count=2, required=0, forbidden=2)).wait_for()
    assert found.unwanted == NOTHING


def test_a_search_is_stopped_and_its_plan_is_kept(server, visitor):
    found = visitor(f"{server}/?study=study&panel=plan&service=pharmacy")
    page = found.page
    page.get_by_text(say("page.siting_title", "zh"), exact=True).wait_for()
    found.at_rest()
    seconds = page.get_by_label(say("page.siting_seconds", "zh"))
    seconds.fill("60")
    seconds.press("Enter")
    found.at_rest()
    page.get_by_role("button", name=say("page.siting_run", "zh"), exact=True).click()
    page.get_by_text(say("page.siting_gap", "zh", gap="25.0 %")).wait_for()
    expect(page.get_by_role("progressbar")).to_have_count(1)
    page.get_by_role("button", name=say("page.siting_stop", "zh")).click()
    page.get_by_role("button", name=say("page.siting_forget", "zh")).wait_for()
    page.locator(".lc-plan").first.locator("tbody tr").first.wait_for()
    assert found.unwanted == NOTHING


def test_every_file_is_taken_along_and_opens(server, visitor, tmp_path):
    found = visitor(f"{server}/?study=study&panel=verdicts")
    page = found.page
    page.locator(".lc-verdicts").wait_for()
    found.at_rest()
    files = {}
    page.get_by_text(say("page.downloads_more", "zh"), exact=True).click()
    reports = ("report_word", "report_pdf", "report_page", "picture")
    for name in (*reports, "tables", "map", "geopackage", "sites", "record", "study"):
        with page.expect_download() as download:
            page.get_by_role("button", name=say(f"page.download_{name}", "zh"), exact=True).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    assert say("table.rule_verdicts", "zh") in openpyxl.load_workbook(files["tables"]).sheetnames
    assert files["map"].read_text("utf-8").lstrip().lower().startswith("<!doctype html>")
    assert "homes" in {name for name, _ in pyogrio.list_layers(files["geopackage"])}
    assert len(zipfile.ZipFile(files["sites"]).namelist()) == 1
    assert json.loads(files["record"].read_text("utf-8"))["settings"]["id"] == "town"
    assert files["study"].read_text("utf-8") == w.STUDY
    assert any("一街小镇" in paragraph.text for paragraph in docx.Document(files["report_word"]).paragraphs)
    assert files["report_pdf"].read_bytes().startswith(b"%PDF-")
    assert files["picture"].read_bytes().startswith(b"\x89PNG")
    shown = visitor(files["report_page"].as_uri())
    shown.page.locator("h1").first.wait_for()
    assert shown.unwanted == NOTHING
    assert found.unwanted == NOTHING


def test_a_file_that_cannot_be_made_says_why(server, folder, visitor):
    found = visitor(f"{server}/?study=study&panel=verdicts&lang=en")  # whose files no other test has had made
    page = found.page
    page.locator(".lc-verdicts").wait_for()
    found.at_rest()
    told, button = page.locator(".lc-not-made"), page.locator(".st-key-download_tables button")
    (folder / "full").touch()
    button.click()
    page.get_by_role("alert").get_by_text("town-tables.xlsx could not be made").wait_for()
    expect(told).to_contain_text("no space left on device. Check disk space")
    expect(page.locator('[data-testid="stDownloadButtonError"]')).to_be_hidden()
    button.click()  # the same again
    page.locator('.lc-not-made[data-time="2"]').wait_for()
    page.get_by_text("中文", exact=True).click()
    told.get_by_text("town-tables.xlsx 未能生成").wait_for()
    expect(told).to_contain_text("磁盘空间不足。请检查磁盘空间和权限")
    (folder / "full").unlink()
    with page.expect_download() as download:
        button.click()
    assert download.value.path().read_bytes().startswith(b"PK")
    expect(told).to_be_hidden()

    # An answer that never comes, for which there is no reason to tell.
    page.evaluate("""() => {
        const error = document.createElement("div");
        error.dataset.testid = "stDownloadButtonError";
        document.body.append(error);
    }""")
    page.get_by_role("alert").get_by_text(say("page.not_fetched", "zh")).wait_for()
    assert found.unwanted == NOTHING
