"""The page without a browser: every figure is the summary's, both languages are complete, and faults are said, never thrown."""

import re
import shutil

import pytest
import shapely
from markupsafe import escape

import written_town as w
from conftest import ROOT
from livingcircle import cases
from livingcircle.render.summary import summary
from livingcircle.render.words import say, say_code, shown_count, shown_share
from livingcircle.settings import read_study

HELSINKI = ROOT / "configs" / "helsinki.yaml"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PANELS = ("map", "verdicts", "coverage", "gaps", "plan", "equity", "supply", "data")


@pytest.fixture(scope="module")
def figures():
    return summary(cases.answer(read_study(HELSINKI)))


@pytest.fixture
def town(tmp_path):
    return w.write_town(tmp_path)


# ── Words ───────────────────────────────────────────────────────────────────


def test_the_page_opens_in_chinese(open_page, figures):
    page = open_page(HELSINKI)
    assert page.headings[0] == figures["title"]["zh"]
    assert [tab.label for tab in page.bench.tabs] == [say(f"page.panel_{name}", "zh") for name in PANELS]
    assert "居民数为估算，不得作为正式人口数引用；户数为估算，不得作为正式户数引用。" in " ".join(page.words)


@pytest.mark.parametrize("service", ["", "pharmacy"])
def test_english_is_complete(open_page, figures, service):
    page = open_page(HELSINKI, service=service).choose("segmented_control", "lang", "en")
    assert page.headings[0] == figures["title"]["en"]
    names = {row["district_name"] for row in figures["coverage"]}
    cited = {f"{row['document']} {row['clause']}" for row in figures["verdicts"]}
    cited |= {row["document_title"] for row in figures["verdicts"]}
    as_written = "|".join(re.escape(name) for name in sorted(names | cited, key=len, reverse=True) if name)
    left = [re.sub(as_written, "", words) for words in page.words]
    assert [words for words in left if CHINESE.search(words)] == []


def test_chinese_has_no_english_left(open_page, figures):
    page = open_page(HELSINKI)
    english = {row["service"]["en"] for row in figures["coverage"]} | {
        fault["problem"]["en"] for fault in figures["warnings"]
    }
    english |= {say(f"page.{key}", "en") for key in ("district", "service", "study", "downloads", "panel_data")}
    named = {
        str(name) for name in cases.load(read_study(HELSINKI)).facilities.names
    }  # a shop may be called Supermarket
    said = " ".join(
        re.sub("|".join(map(re.escape, sorted(named - {""}, key=len, reverse=True))), "", " ".join(page.words)).split()
    )
    assert [words for words in english if re.search(rf"\b{re.escape(words)}\b", said)] == []


def test_the_switch_writes_the_language_to_the_address(open_page):
    page = open_page(HELSINKI).choose("segmented_control", "lang", "en")
    assert page.bench.query_params["lang"] == "en"
    assert page.choose("segmented_control", "lang", "zh").headings[0].startswith("赫尔辛基")


def test_what_the_reader_chose_is_not_told_back_to_the_browser(open_page):
    """It would take back what was chosen since; but what is shown in other words is told again."""
    page = open_page(HELSINKI).choose("selectbox", "service", "pharmacy")
    told = {one: page.bench.selectbox(key=f"choice_{one}").proto for one in ("study", "service", "district")}
    assert not any(proto.set_value for proto in told.values())
    page = page.choose("segmented_control", "lang", "en")
    proto = page.bench.selectbox(key="choice_service").proto
    assert (proto.set_value, proto.raw_value) == (True, "Pharmacy")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_boxes_for_files_speak_the_language_on_every_page(open_page, town, language):
    page = open_page(town, lang=language)  # the map's panel takes scenario files
    styles = "".join(one.body for one in page.bench.html if one.body.startswith("<style"))
    for name, key in (("choose", "start.choose"), ("drop", "start.drop")):
        assert f'--lc-{name}: "{say(key, language)}";' in styles


def test_a_study_in_english_opens_in_english(open_page, town):
    town.write_text(town.read_text("utf-8").replace("outputs: {", "outputs: {language: en, "), "utf-8")
    assert open_page(town).headings[0] == "One-street town"
    assert open_page(town, lang="zh").headings[0] == "一街小镇"


# ── Figures ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tiles_say_what_the_summary_says(open_page, figures, language):
    page = open_page(HELSINKI, lang=language)
    whole = [row for row in figures["verdicts"] if row["scope"] == "study"]
    lowest = min((row for row in whole if row["residents_share"] is not None), key=lambda row: row["residents_share"])
    met = sum(row["verdict"] == "met" for row in whole)
    residents, facilities, kept, worst = page.tiles.values()
    assert residents[0].removesuffix(" 人") == shown_count(figures["counts"]["residents"])
    assert facilities[0].removesuffix(" 处") == shown_count(figures["counts"]["facilities"])
    assert kept[0] == say("page.tile_met_of", language, met=met, all=len(whole))
    assert worst[0] == f"{shown_share(lowest['residents_share'])} {say_code('verdict', lowest['verdict'], language)}"
    assert lowest["service"][language] in worst[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tiles_follow_district_and_service(open_page, figures, language):
    row = next(row for row in figures["coverage"] if row["scope"] == "district" and row["service_id"] == "pharmacy")
    name, service = row["district_name"], row["service"][language]
    page = open_page(HELSINKI, lang=language, district=row["district_id"], service="pharmacy")
    (residents, facilities, kept, share) = page.tiles.items()
    assert all(name in label for label, _ in (residents, facilities, kept, share)), "each says whom it speaks of"
    assert residents[1][0].removesuffix(" 人") == shown_count(row["residents"])
    assert shown_count(row["homes"]) in residents[1][1]
    study = cases.load(read_study(HELSINKI))
    shape = study.districts.geometry[study.districts.ids.tolist().index(row["district_id"])]
    pharmacies = study.facilities.serves[:, [one.id for one in study.standard.services].index("pharmacy")]
    within = shapely.intersects_xy(shape, *study.facilities.xy.T) & pharmacies
    assert 0 < within.sum() < pharmacies.sum()
    assert facilities[1] == (say("page.places", language, count=int(within.sum())), service)
    listed = open_page(HELSINKI, lang=language, district=row["district_id"], panel="coverage").table("coverage")
    assert [one[2] for one in listed if one[0] == service] == [str(within.sum())], "so does the table of coverage"
    verdicts = [one for one in figures["verdicts"] if one["district_id"] == row["district_id"]]
    own = [one["verdict"] for one in verdicts if one["service_id"] == "pharmacy" and one["scope"] != "study"]
    assert kept[1][0] == say("page.tile_met_of", language, met=own.count("met"), all=len(own))
    assert service in kept[0]


def test_facilities_published_by_district_only_are_counted_for_the_whole_study(open_page, tmp_path):
    file = w.write_town(tmp_path)
    w.write_table(tmp_path / "private.csv", ("id", "lon", "lat"), [("S1", *w.lonlat(1400))])
    source = "  - {kind: layer, path: private.csv, service: disability_service}\n"
    text = file.read_text("utf-8").replace(
        "districts: {", source + "more_services: [disability_service]\ndistricts: {", 1
    )
    file.write_text(text, "utf-8")
    district = next(iter(cases.load(read_study(file)).districts.ids))
    every = open_page(file, district=district)
    tiles = open_page(file, district=district, service="disability_service").tiles
    assert tiles["设施（总体）"][0] == "1 处"
    whole = open_page(file).tiles["设施"][0]
    here = next(figure for label, (figure, _) in every.tiles.items() if label.startswith("设施（"))
    assert int(here.removesuffix(" 处")) < int(whole.removesuffix(" 处"))


def test_the_coverage_panel_says_what_the_summary_says(open_page, figures):
    page = open_page(HELSINKI, panel="coverage")
    rows = page.table("coverage")
    asked = {(row["service_id"], row["limit_minutes"]) for row in figures["verdicts"]}
    expected = [
        row
        for row in figures["coverage"]
        if row["scope"] == "study" and (row["service_id"], row["limit_minutes"]) in asked
    ]
    assert [row[0] for row in rows] == [row["service"]["zh"] for row in expected]
    shares = [[_share(row[f"{name}_share"]) for name in ("residents", "households", "homes")] for row in expected]
    assert [row[3:6] for row in rows[: len(shares)]] == shares


def test_coverage_of_one_service_is_shown_by_district(open_page, figures):
    rows = open_page(HELSINKI, panel="coverage", service="pharmacy").table("coverage")
    expected = [row for row in figures["coverage"] if row["service_id"] == "pharmacy" and row["limit_minutes"] == 5]
    assert [row[0] for row in rows] == ["总体", *(row["district_name"] for row in expected[1:])]
    assert [row[2] for row in rows] == [_share(row["residents_share"]) for row in expected]


def test_a_limit_other_than_the_standard_s_can_be_looked_at(open_page, figures):
    page = open_page(HELSINKI, panel="coverage").choose("segmented_control", "limit", "10")
    expected = [row for row in figures["coverage"] if row["scope"] == "study" and row["limit_minutes"] == 10]
    assert [row[3] for row in page.table("coverage")] == [_share(row["residents_share"]) for row in expected]


def test_data_are_told_with_warnings_and_digests(open_page, figures):
    page = open_page(HELSINKI, panel="data")
    assert [row[-1] for row in page.table("inputs")] == [row["sha256"] for row in figures["inputs"]]
    assert len(page.table("warnings")) == len(figures["warnings"])
    assert figures["attribution"][0] in " ".join(page.words)


def test_counted_residents_are_not_called_an_estimate(open_page, town):
    page = open_page(town, panel="coverage")
    said = " ".join(page.words)
    assert "户数为估算" in said
    assert "居民数为估算" not in said
    assert page.tiles["居民"][0] == f"{w.TOTAL} 人"
    assert [row[3] for row in page.table("coverage")][:2] == [
        _share(w.COVERED_5 / w.TOTAL),
        _share(w.COVERED_15 / w.TOTAL),
    ]


def test_a_study_without_districts_and_siting_has_all_panels(open_page, town):
    text = town.read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("districts", "siting", "candidates"))]
    town.write_text("\n".join(kept), "utf-8")
    for panel in PANELS:
        page = open_page(town, panel=panel, service="pharmacy")
        assert page.headings[0] == "一街小镇"
        assert not page.bench.code
    assert say("page.siting_no_candidates", "zh") in " ".join(open_page(town, panel="plan").words)


# ── Choosing a study ────────────────────────────────────────────────────────


def test_studies_beside_the_one_named_can_be_opened(open_page, town):
    other = town.with_name("other.yaml")
    other.write_text(town.read_text("utf-8").replace("一街小镇", "另一小镇"), "utf-8")
    page = open_page(town)
    assert page.headings[0] == "一街小镇"
    page = page.choose("selectbox", "study", "other")
    assert page.headings[0] == "另一小镇"
    assert page.bench.query_params["study"] == "other"


def test_without_a_study_named_those_of_configs_are_offered(open_page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(HELSINKI.parent, tmp_path / "configs")
    page = open_page()
    assert page.headings[0] == say("page.name", "zh")
    assert [words for words in page.words if words.startswith("打开：赫尔辛基")]


def test_a_folder_without_studies_says_what_to_do(open_page, tmp_path):
    page = open_page(tmp_path)
    assert say("page.no_study_title", "zh") in page.headings
    assert say("start.upload_open", "zh") in page.words  # one can be made


def test_an_edited_study_is_computed_anew(open_page, town):
    assert open_page(town).tiles["居民"][0] == f"{w.TOTAL} 人"
    homes = town.with_name("homes.csv")
    homes.write_bytes(homes.read_bytes().replace(b",32\r", b",132\r"))
    assert open_page(town).tiles["居民"][0] == f"{w.TOTAL + 100} 人"


# ── Trouble ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_of_a_study_file_is_shown(open_page, town, language):
    town.write_text(town.read_text("utf-8").replace("id: town", "id: Two Words") + "walkers: {}\n", "utf-8")
    rows = open_page(town, lang=language).table("faults")
    assert {row[2] for row in rows} == {"id", "walkers"}
    assert all(row[0].startswith(town.name) and row[1] and row[4] and row[5] for row in rows)
    assert all(bool(CHINESE.search(row[4])) == (language == "zh") for row in rows)


def test_every_fault_of_the_inputs_is_shown(open_page, town):
    town.with_name("pharmacies.csv").unlink()
    town.with_name("candidates.csv").unlink()
    page = open_page(town)
    assert {row[0].split()[0] for row in page.table("faults")} == {"pharmacies.csv", "candidates.csv"}
    assert page.bench.selectbox(key="choice_study").value == town.stem


def test_an_unknown_path_is_a_fault_like_any_other(open_page, tmp_path):
    rows = open_page(tmp_path / "nowhere.yaml").table("faults")
    assert rows[0][0].startswith("nowhere.yaml")
    assert "文件不存在" in rows[0][4]


def test_a_plan_that_cannot_be_is_a_fault(open_page, town):
    town.write_text(town.read_text("utf-8").replace("sites: 1}", "sites: 50}"), "utf-8")
    assert len(open_page(town).table("faults")) == 1


def test_a_defect_is_said_calmly_and_without_a_traceback(open_page, town, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(cases, "answer", broken)
    page = open_page(town)
    assert page.headings == [say("page.defect_title", "zh")]
    assert "ZeroDivisionError: a defect" in page.bench.code[0].value
    assert "Traceback" not in page.bench.code[0].value


def test_names_in_the_data_never_become_markup(open_page, town):
    text = town.read_text("utf-8").replace("一街小镇", "<img src=x onerror=alert(1)>")
    town.write_text(text, "utf-8")
    assert not any("<img" in body for body in open_page(town).bodies)


def test_an_address_that_asks_for_nonsense_opens_the_page(open_page):
    page = open_page(HELSINKI, lang="fr", service="casino", district="x", panel="y", limit="z", study="w")
    assert page.headings[0].startswith("赫尔辛基")


@pytest.mark.parametrize("code", ["gone", "<b>gone</b>"])
def test_a_link_to_a_study_that_is_not_here_says_so(open_page, code):
    said = say("start.unknown_study", "zh", code=code)
    bodies = open_page(HELSINKI, lang="zh", study=code).bodies
    assert any(escape(said) in body for body in bodies)
    assert not any("<b>gone" in body for body in bodies)
    assert not any(
        escape(say("start.unknown_study", "zh", code="helsinki")) in body
        for body in open_page(HELSINKI, study="helsinki").bodies
    )


def _share(value):
    return "—" if value is None else shown_share(value)
