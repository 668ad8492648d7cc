"""Uploading as an official does it: the real server, a real browser, and no network beyond this machine."""

import csv
import io
import json
import zipfile

import numpy as np
import openpyxl
import pytest
import shapely
import xlsxwriter

import written_town as w
from conftest import ROOT
from livingcircle import cases
from livingcircle.render.words import say
from livingcircle.settings import read_study
from livingcircle.sources.datum import converted
from livingcircle.sources.projection import projected, unprojected

pytestmark = pytest.mark.browser

expect = pytest.importorskip("playwright.sync_api").expect

NOTHING = ([], [], [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return w.write_town(tmp_path_factory.mktemp("town")).parent


@pytest.fixture(scope="module")
def server(served, folder):
    with served(folder) as address:
        yield address


def words(key, **values):
    return say(f"start.{key}", "zh", **values)


def upload(someone, role, *files):
    """Choose files in the box of a role, as (name, content), and wait until they are listed."""
    page = someone.page
    box = page.locator(f'section[aria-label="{words(f"file_{role}")}"] input').last
    box.set_input_files([{"name": name, "mimeType": "application/octet-stream", "buffer": c} for name, c in files])
    for name, _ in files:
        page.get_by_text(f"已上传：{name}").wait_for()
    someone.at_rest()


def choose(someone, label, option, which=0):
    page = someone.page
    page.get_by_role("combobox", name=label).nth(which).click()
    page.keyboard.insert_text(option)  # of a long list only what is seen is there
    page.get_by_role("option", name=option, exact=True).click()
    someone.at_rest()


def workbook(rows):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("住宅")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def homes(last):
    rows = [
        (f"H{number}", *w.lonlat(metres), people)
        for number, (metres, people) in enumerate(zip(w.HOME_METRES, w.RESIDENTS, strict=True), 1)
    ]
    return workbook([("编号", "经度", "纬度", "居民数"), *rows[:-1], (*rows[-1][:3], last)])


def saved(page, name, folder):
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_a_study_is_made_of_uploaded_files(server, visitor, folder, tmp_path):
    someone = visitor(server)
    page = someone.page
    page.get_by_role("button", name="打开：一街小镇").wait_for()
    someone.at_rest()
    page.get_by_role("button", name=words("upload_open")).click()
    page.wait_for_url("**study=.upload**")
    someone.at_rest()

    upload(someone, "network", ("streets.osm", (folder / "streets.osm").read_bytes()))
    upload(someone, "homes", ("住宅.xlsx", homes("三十二个")))
    upload(someone, "facilities", ("药店.csv", (folder / "pharmacies.csv").read_bytes()))
    # The first rows are shown as text, whatever they say.
    page.locator(".lc-preview").get_by_text("<script>alert(1)</script>").wait_for()

    choose(someone, "居民数", "居民数")
    choose(someone, words("kind"), words("kind_service"))
    choose(someone, words("service"), "药店")
    page.get_by_role("button", name=words("check")).click()

    # Which row is bad, why, and what to do; on the page and to take along.
    report = page.frame_locator(f'iframe[title="{words("report")}"]')
    report.get_by_text("“三十二个”不是该列所需的数值").first.wait_for()
    someone.at_rest()
    expect(page.get_by_role("button", name=words("compute"))).to_have_count(0)
    book = openpyxl.load_workbook(saved(page, words("report_book"), tmp_path))
    assert any("三十二个" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "三十二个" in saved(page, words("report_page"), tmp_path).read_text("utf-8")

    # The corrected file takes its place.
    upload(someone, "homes", ("住宅.xlsx", homes(32)))
    page.get_by_text(words("outdated")).wait_for()
    page.get_by_role("button", name=words("check")).click()
    page.get_by_role("button", name=words("compute")).wait_for()
    someone.at_rest()

    # What is downloaded makes the same study again.
    with zipfile.ZipFile(saved(page, words("study_zip"), tmp_path)) as archive:
        archive.extractall(tmp_path / "again")
    again = cases.check(read_study(tmp_path / "again" / "study.yaml"))
    assert again.faults == ()
    assert again.study.homes.residents.sum() == w.TOTAL

    page.get_by_role("button", name=words("compute")).click()
    page.wait_for_url("**study=.own**")
    page.locator(".lc-tiles").wait_for()
    expect(page.locator(".lc-tiles")).to_contain_text(f"{w.TOTAL} 人")

    # Somebody else with the same link sees the start, and nothing of it.
    other = visitor(page.url)
    other.page.get_by_text(words("gone")).wait_for()
    other.at_rest()
    expect(other.page.locator(".lc-tiles")).to_have_count(0)

    assert someone.unwanted == NOTHING
    assert other.unwanted == NOTHING


def test_an_amap_export_is_aligned(server, visitor, tmp_path):
    """The sample's places of interest, in GCJ-02, uploaded as they come from the map service."""
    someone = visitor(f"{server}/?study=.upload")
    page = someone.page
    sample = ROOT / "data" / "qinghe"
    for role, name in (("network", "streets.osm"), ("homes", "houses.zip"), ("facilities", "pois_gcj02.csv")):
        upload(someone, role, (name, (sample / name).read_bytes()))
    choose(someone, words("kind"), words("kind_classify"))
    choose(someone, words("datum"), words("datum_gcj02"), which=-1)  # the last file is that of facilities
    page.get_by_role("button", name=words("check"), exact=True).click()
    page.get_by_role("button", name=words("compute")).wait_for()
    someone.at_rest()

    # Every place lies where the conversion puts it, hundreds of metres from where the file has it.
    with zipfile.ZipFile(saved(page, words("study_zip"), tmp_path)) as archive:
        archive.extractall(tmp_path / "again")
    study = cases.load(read_study(tmp_path / "again" / "study.yaml"))
    with (sample / "pois_gcj02.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["id"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(stream)}
    lon, lat = np.array([rows[name] for name in study.facilities.ids.tolist()]).T
    there = projected(*converted(lon, lat, "gcj02", "wgs84"), study.crs)
    assert len(there) > 100
    assert study.facilities.xy == pytest.approx(there, abs=0.01)
    assert np.hypot(*(study.facilities.xy - projected(lon, lat, study.crs)).T).min() > 100
    assert someone.unwanted == NOTHING


# ── Coordinates of another source than stated ──────────────────────────────

CRS, SIZE = "EPSG:32650", 3000.0
MIDDLE = projected(np.array([118.78]), np.array([32.04]), CRS)[0]


def uneven_town():
    """Streets at uneven distances, houses beside them, and a pharmacy in every fifth house: as GeoJSON, GeoJSON and CSV of GCJ-02."""
    chance = np.random.default_rng(1)
    lines = []
    for turned in (False, True):
        along = np.cumsum(chance.uniform(60, 250, 60))
        for offset in along[along < SIZE]:
            line = np.array([[offset, 0], [offset, SIZE]])
            lines.append(line[:, ::-1] if turned else line)
    of = chance.integers(0, len(lines), 1200)
    start, end = np.array(lines)[of].transpose(1, 0, 2)
    place = start + chance.uniform(0, 1, (1200, 1)) * (end - start)
    beside = (end - start)[:, ::-1] / SIZE * chance.choice([-1, 1], (1200, 1))
    half = chance.uniform(6, 10, (1200, 1))
    middle = place + beside * (half + chance.uniform(6, 20, (1200, 1)))
    houses = shapely.box(*(middle - half).T, *(middle + half).T)
    crossed, _ = shapely.STRtree(shapely.linestrings(lines)).query(houses, predicate="intersects")
    houses = np.delete(houses, crossed)
    in_degrees = [
        shapely.transform(shapes, lambda xy: np.column_stack(unprojected(xy + MIDDLE, CRS)))
        for shapes in (shapely.linestrings(lines), houses)
    ]
    streets, homes = (
        json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": about | {"id": str(number)}, "geometry": json.loads(shapely.to_geojson(shape))}
            for number, shape in enumerate(shapes)
        ]}).encode()
        for shapes, about in zip(in_degrees, ({"highway": "residential"}, {"residents": 3}), strict=True)
    )  # fmt: skip
    shops = shapely.get_coordinates(shapely.centroid(in_degrees[1][::5]))
    table = io.StringIO()
    csv.writer(table).writerows([("id", "lon", "lat"), *enumerate_rows(converted(*shops.T, "wgs84", "gcj02"))])
    return streets, homes, table.getvalue().encode()


def enumerate_rows(lonlat):
    return [(f"P{number}", *place) for number, place in enumerate(zip(*lonlat, strict=True))]


def checked(someone):
    page = someone.page
    page.get_by_role("button", name=words("check"), exact=True).click()
    page.locator('[role="status"] .lc-notice').wait_for()
    someone.at_rest()


def test_shops_of_amap_that_are_said_to_be_of_gps_are_found(server, visitor):
    someone = visitor(f"{server}/?study=.upload")
    page = someone.page
    names = ("streets.geojson", "homes.geojson", "pharmacies.csv")
    for role, name, content in zip(("network", "homes", "facilities"), names, uneven_town(), strict=True):
        upload(someone, role, (name, content))
    choose(someone, words("kind"), words("kind_service"))
    choose(someone, words("service"), "药店")
    amap = words("datum_gcj02")
    told = page.get_by_text(words("suspected", name="pharmacies.csv", datum=amap))
    checked(someone)
    told.wait_for()
    page.get_by_role("button", name=words("suspected_use", name="pharmacies.csv", datum=amap)).click()
    told.wait_for(state="detached")
    page.get_by_text(words("outdated")).wait_for()
    someone.at_rest()
    expect(page.get_by_role("combobox", name=words("datum")).last).to_have_value(amap)
    checked(someone)
    page.get_by_text(words("outdated")).wait_for(state="detached")
    expect(told).to_have_count(0)
    page.get_by_role("button", name=words("compute")).wait_for()
    assert someone.unwanted == NOTHING


def test_where_the_places_do_not_tell_the_page_says_so(server, visitor):
    """The sample's streets are a regular grid: its places of Amap agree with it whichever way they are read."""
    someone = visitor(f"{server}/?study=.upload")
    page = someone.page
    sample = ROOT / "data" / "qinghe"
    for role, name in (("network", "streets.osm"), ("homes", "houses.zip"), ("facilities", "pois_gcj02.csv")):
        upload(someone, role, (name, (sample / name).read_bytes()))
    choose(someone, words("kind"), words("kind_classify"))
    told = page.get_by_text(words("untold", names="pois_gcj02.csv"))
    checked(someone)
    told.wait_for()
    choose(someone, words("datum"), words("datum_gcj02"), which=-1)  # the last file is that of facilities
    told.wait_for(state="detached")
    checked(someone)
    expect(told).to_have_count(0)
    assert someone.unwanted == NOTHING


def test_a_name_that_is_a_script_is_shown_as_text(server, visitor):
    """The town's pharmacy is called `<script>alert(1)</script>`; it is looked for in every panel."""
    someone = visitor(f"{server}/?study=study")
    page = someone.page
    page.locator(".lc-tiles").wait_for()
    someone.at_rest()
    for tab in page.get_by_role("tab").all():
        tab.click()
        someone.at_rest()
    assert someone.dialogs == []
    assert someone.complaints == []
    assert page.evaluate("[...document.scripts].filter((one) => one.text.includes('alert(1)')).length") == 0


def test_the_keyboard_reaches_the_content_and_everything_has_a_name(server, visitor):
    someone = visitor(f"{server}/?study=.upload")
    page = someone.page
    page.get_by_role("heading", name=words("step_compute")).wait_for()
    someone.at_rest()
    page.wait_for_function("() => document.getElementById('lc-skip')")
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    page.get_by_role("main").wait_for()
    page.get_by_role("complementary", name=words("sidebar")).wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "lc-skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "lc-main"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, [role=combobox]")].filter((one) => {
            const named = one.labels?.length || one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
            return one.offsetParent && !named && !one.textContent.trim() && !one.title;
        }).map((one) => one.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    assert someone.unwanted == NOTHING


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("study", [".start", ".upload", "study"])
def test_larger_text_fits_an_office_screen(server, visitor, language, study):
    someone = visitor(f"{server}/?study={study}&lang={language}&text=large")
    page = someone.page
    page.locator("h1").first.wait_for()
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '20px'")
    someone.at_rest()
    hidden = page.locator('[data-testid="stMain"]').evaluate("(one) => one.scrollWidth - one.clientWidth")
    assert hidden <= 0
    if study == "study":  # the map grows as well
        page.frame_locator("iframe").first.locator(".lc-tools").wait_for()
        inside = next(one for one in page.frames if one.parent_frame)
        assert page.locator("iframe").first.bounding_box()["width"] / inside.evaluate("innerWidth") > 1.3
    assert someone.unwanted == NOTHING
