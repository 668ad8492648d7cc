"""The study file: what it accepts, and what it says about each mistake."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from livingcircle.cli.options import OWN_TO_A_GROUP
from livingcircle.errors import SettingsError
from livingcircle.faults import FAULT_KINDS, Fault
from livingcircle.settings import StudySettings, WalkerSettings, read_study, schema, settings_from

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "configs" / "helsinki.yaml"

SOUND = """\
id: town
title: {zh: 小城}
network: {kind: osm_file, path: town.osm}
homes: {kind: layer, path: homes.gpkg}
facilities:
  - {kind: osm_tags, path: town.osm}
"""


@pytest.fixture
def faults_of(tmp_path):
    """Read a study file with this text and return its faults."""

    def read(text: str | bytes) -> tuple[Fault, ...]:
        path = tmp_path / "study.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(SettingsError) as raised:
            read_study(path)
        assert all(fault.file == str(path) for fault in raised.value.faults)
        return raised.value.faults

    return read


def only(faults):
    assert len(faults) == 1, [fault.sentence() for fault in faults]
    return faults[0]


# ── What is accepted ────────────────────────────────────────────────────────


def test_a_minimal_study_takes_defaults_and_paths_beside_itself(tmp_path):
    path = tmp_path / "deep" / "study.yaml"
    path.parent.mkdir()
    path.write_text(SOUND, encoding="utf-8")
    study = read_study(path)
    assert study.network.path == tmp_path / "deep" / "town.osm"
    assert study.outputs.folder == tmp_path / "deep" / "runs"
    assert (study.standard, study.walker.speed_metres_per_second) == ("quarter_hour", 1.25)


def test_absolute_paths_and_parent_folders_are_kept_in_mind(tmp_path):
    elsewhere = tmp_path / "elsewhere" / "town.osm"
    text = SOUND.replace("{kind: osm_file, path: town.osm}", f"{{kind: osm_file, path: '{elsewhere}'}}")
    path = tmp_path / "configs" / "study.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("path: homes.gpkg", "path: ../homes.gpkg"), encoding="utf-8")
    study = read_study(path)
    assert study.network.path == elsewhere
    assert study.homes.path == tmp_path / "homes.gpkg"


def test_settings_can_be_composed_without_a_file(tmp_path):
    content = YAML(typ="safe", pure=True).load(SOUND)
    assert settings_from(content, file=tmp_path / "study.yaml").id == "town"
    content["id"] = "Not An Id"
    with pytest.raises(SettingsError) as raised:
        settings_from(content, file=tmp_path / "study.yaml")
    assert only(raised.value.faults).row is None


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.encode())
    assert read_study(path).id == "town"


# ── Each mistake, with its line ─────────────────────────────────────────────


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_key(faults_of):
    fault = only(faults_of(SOUND.replace("title:", "walkers: {}\ntitle:")))
    assert (fault.kind, fault.row, fault.column) == ("unknown_setting", 2, "walkers")
    assert fault.details["nearest"] == "walker"


@pytest.mark.parametrize(
    ("line", "key", "nearest"),
    [
        ("network: {kind: osm_file, path: a, joincap: 3}", "network.joincap", "join_cap_metres"),
        ("homes: {kind: layer, path: a, columns: {resident: r}}", "homes.columns.resident", "residents"),
        (
            "siting: [{service: bank, sites: 1, limit: 5}]\ncandidates: {kind: junctions}",
            "siting[1].limit",
            "limit_minutes",
        ),
        ("candidates: {kind: junctions, spaces: 5}", "candidates.spaces", "spacing_metres"),
    ],
)
def test_the_nearest_key_is_looked_for_where_the_unknown_one_stands(faults_of, line, key, nearest):
    name = line.partition(":")[0]
    kept = [old for old in SOUND.splitlines() if not old.startswith(name)]
    fault = only(faults_of("\n".join([line, *kept])))
    assert (fault.kind, fault.column, fault.row) == ("unknown_setting", key, 1)
    assert nearest in fault.details["nearest"].split(", ")


@pytest.mark.parametrize(
    ("line", "key", "en", "zh"),
    [
        ("walker: {speed_metres_per_second: fast}", "walker.speed_metres_per_second", "a number", "数字"),
        ("walker: {speed_metres_per_second: '1.2'}", "walker.speed_metres_per_second", "a number", "数字"),
        ("walker: {speed_metres_per_second: true}", "walker.speed_metres_per_second", "a number", "数字"),
        ("walker: {speed_metres_per_second: 5}", "walker.speed_metres_per_second", "less than 3", "小于 3 的数"),
        ("outputs: {isochrone_minutes: [5, .inf]}", "outputs.isochrone_minutes[2]", "a finite number", "有限的数字"),
        ("outputs: {isochrone_minutes: [5, 0]}", "outputs.isochrone_minutes[2]", "greater than 0", "大于 0 的数"),
        ("outputs: {isochrone_minutes: 5}", "outputs.isochrone_minutes", "a list", "列表"),
        ("outputs: {language: fr}", "outputs.language", "one of zh, en", "以下之一：zh, en"),
        ("outputs: runs", "outputs", "a group of", "“键：值”"),
        (
            "network: {kind: osm_pbf, path: a}",
            "network.kind",
            "one of osm_file, osm_place, osm_area, graphml",
            "以下之一：osm_file",
        ),
        ("facilities: []", "facilities", "a list of at least 1", "至少含 1 项"),
        ("title: {}", "title", "zh, en or both", "至少写一个"),
        ("id: 2024", "id", "quote", "加引号"),
    ],
)
def test_a_wrong_value_is_said_in_both_languages(faults_of, line, key, en, zh):
    name = line.partition(":")[0]
    kept = [old for old in SOUND.splitlines() if not old.startswith((name, "  -" if name == "facilities" else "\0"))]
    fault = only(faults_of("\n".join([*kept, line])))
    assert (fault.kind, fault.column, fault.row) == ("wrong_setting", key, len(kept) + 1)
    assert en in fault.problem("en")
    assert zh in fault.problem("zh")
    assert fault.sentence("zh").count(f"“{key}”") == 1, "the key is named once"


def test_a_missing_key_is_shown_at_the_block_it_belongs_to(faults_of):
    fault = only(faults_of(SOUND.replace("{kind: layer, path: homes.gpkg}", "\n  kind: layer")))
    assert (fault.kind, fault.column, fault.row) == ("missing_setting", "homes.path", 4)


def test_a_missing_kind_is_a_missing_key(faults_of):
    fault = only(faults_of(SOUND.replace("kind: layer, ", "")))
    assert (fault.kind, fault.column, fault.row) == ("missing_setting", "homes.kind", 4)


def test_siting_without_candidates(faults_of):
    fault = only(faults_of(SOUND + "siting: [{service: bank, sites: 2}]\n"))
    assert (fault.kind, fault.column) == ("missing_setting", "candidates")


@pytest.mark.parametrize("sites", ["0", "2.5", "-1", "many"])
def test_the_number_of_sites_is_a_whole_number_above_zero(faults_of, sites):
    text = SOUND + f"candidates: {{kind: junctions}}\nsiting:\n  - service: bank\n    sites: {sites}\n"
    fault = only(faults_of(text))
    assert (fault.kind, fault.column, fault.row) == ("wrong_setting", "siting[1].sites", 10)


@pytest.mark.parametrize("extra", ["service: bank, classify: true, ", "service: bank, columns: {service: s}, "])
def test_a_facility_layer_names_its_service_in_one_way_at_most(faults_of, extra):
    fault = only(faults_of(SOUND.replace("{kind: osm_tags,", f"{{kind: layer, {extra}")))
    assert (fault.kind, fault.column, fault.row) == ("wrong_setting", "facilities[1]", 6)


def test_all_faults_come_at_once_in_the_order_of_the_lines(faults_of):
    text = (
        SOUND.replace("id: town", "id: Town!")
        .replace("path: homes.gpkg", "pth: homes.gpkg")
        .replace("- {kind: osm_tags", "- {kind: osm_tag")
        + "outputs: {language: 3}\n"
    )
    faults = faults_of(text)
    assert [(fault.row, fault.column) for fault in faults] == [
        (1, "id"),
        (4, "homes.path"),
        (4, "homes.pth"),
        (6, "facilities[1].kind"),
        (7, "outputs.language"),
    ]


# ── Files that are no YAML ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("id: town\ntitle: [zh\n", 3),
        ("id: town\nid: city\n", 2),
        ("id: a: b\n", 1),
    ],
)
def test_bad_yaml_is_reported_with_its_line(faults_of, text, row):
    fault = only(faults_of(text))
    assert (fault.kind, fault.row) == ("bad_yaml", row)


@pytest.mark.parametrize(
    ("text", "kind", "row"),
    [
        ("id: town\n\ttitle: x\n", "yaml_tab", 2),
        ('id: "D:\\数据\\社区.gpkg"\n', "yaml_backslash", 1),
        ('# "D:\\old"\nid: "D:\\new\\roads.gpkg"\n', "yaml_backslash", 2),  # every one of these escapes is valid YAML
    ],
)
def test_common_slips_say_how_to_mend_them(faults_of, text, kind, row):
    fault = only(faults_of(text))
    assert (fault.kind, fault.row) == (kind, row)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a\n", "study\n"])
def test_a_file_without_keys_is_refused(faults_of, text):
    assert only(faults_of(text)).kind == "wrong_setting"


def test_a_file_in_another_encoding_is_refused(faults_of):
    fault = only(faults_of("title: 小城\n".encode("gbk")))
    assert fault.kind == "unreadable_file"
    assert "UTF-8" in fault.problem()


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError) as raised:
        read_study(tmp_path / "absent.yaml")
    assert only(raised.value.faults).kind == "missing_file"


def test_aliases_cannot_blow_up(faults_of):
    doubled = "".join(f"k{n}: &k{n} [*k{n - 1}, *k{n - 1}]\n" for n in range(1, 60))
    faults = faults_of("k0: &k0 x\n" + doubled + SOUND)
    assert {fault.kind for fault in faults} == {"unknown_setting"}


# ── The sample, and the schema that editors read ────────────────────────────


def test_the_sample_study_loads_and_its_files_exist():
    study = read_study(SAMPLE)
    assert study.network.path.exists()
    assert study.homes.path.exists()
    assert study.facilities[0].path.exists()
    assert study.districts[0].path.exists()
    assert [task.sites for task in study.siting] == [3, 3]


def test_the_sample_study_points_editors_at_the_schema():
    first = SAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=study.schema.json"


def test_every_block_of_the_sample_study_is_explained():
    """Each key that starts a line, or a setting in a block, follows a comment, a sibling or the key that opens it."""
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    tops = [number for number, line in enumerate(lines) if line[:1].isalpha()]
    shown = {line.removeprefix("# ").partition(":")[0] for line in lines}
    assert set(StudySettings.model_fields) <= shown, "every key, if only as a comment"
    for number in tops:
        assert lines[number - 1].startswith("#"), lines[number]


def test_every_setting_is_documented():
    document = json.loads(schema())
    for name, part in [("the study", document), *document["$defs"].items()]:
        assert part.get("description"), name
        for key, setting in part["properties"].items():
            assert key == "kind" or setting.get("description"), f"{name}: {key}"


def test_the_committed_schema_is_current():
    committed = (ROOT / "configs" / "study.schema.json").read_text(encoding="utf-8")
    assert committed == schema(), "run: living-circle schema configs/study.schema.json"


# ── The words of all faults ─────────────────────────────────────────────────


def holes(template: str) -> set[str]:
    """Names in braces; those that come in two languages count as one."""
    names = {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(template) if name}
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


@pytest.mark.parametrize("name", FAULT_KINDS)
def test_every_fault_says_the_same_in_both_languages(name):
    kind = FAULT_KINDS[name]
    for zh, en in [(kind.problem_zh, kind.problem_en), (kind.remedy_zh, kind.remedy_en)]:
        assert zh
        assert en
        assert holes(zh) == holes(en)
        assert not {hole for hole in string.Formatter().parse(zh) if (hole[1] or "").endswith("_en")}
        assert not {hole for hole in string.Formatter().parse(en) if (hole[1] or "").endswith("_zh")}


@pytest.mark.parametrize("name", FAULT_KINDS)
def test_chinese_sentences_carry_chinese_punctuation_and_no_full_stop(name):
    kind = FAULT_KINDS[name]
    for zh in (kind.problem_zh, kind.remedy_zh):
        for left, mark, right in zip(zh, zh[1:], [*zh[2:], ""], strict=False):
            beside = any("\u4e00" <= letter <= "\u9fff" for letter in left + right)
            assert not (mark in ",:;()?!" and beside), f"{zh}: {left}{mark}{right}"
        assert not zh.endswith(("。", ".")), "the sentence adds it"
    assert not kind.problem_en.endswith(".")
    assert not kind.remedy_en.endswith(".")


def test_a_fault_of_no_kind_is_a_defect():
    with pytest.raises(KeyError):
        Fault("no_such_kind")


def test_a_sentence_names_what_it_speaks_of_once():
    fault = Fault("missing_column", file="a.csv", row=3, column="name", details={"columns": "id"})
    assert fault.sentence("en").startswith("a.csv, row 3: column “name” is missing. ")
    assert fault.place("en") == "a.csv, row 3, column “name”"


def test_a_preset_sets_what_the_study_leaves_open():
    walker = WalkerSettings.model_validate({"preset": "wheels", "slope": "level"})
    assert (walker.speed_metres_per_second, walker.stairs, walker.name.zh) == (0.7, False, "轮椅和婴儿车使用者")
    walker = WalkerSettings.model_validate({"preset": "older", "speed_metres_per_second": 0.8, "stairs_factor": None})
    assert (walker.speed_metres_per_second, walker.stairs, walker.stairs_factor) == (0.8, True, 3.0)
    assert WalkerSettings.model_validate({}) == WalkerSettings()
    assert WalkerSettings() == WalkerSettings.model_validate({"preset": "everyone"})


def test_an_unknown_preset_is_a_fault():
    with pytest.raises(ValueError, match="everyone"):
        WalkerSettings.model_validate({"preset": "giants"})


def test_slope_needs_elevation(faults_of, tmp_path):
    fault = only(faults_of(SOUND + "walker: {slope: tobler}\n"))
    assert (fault.kind, fault.column) == ("missing_setting", "elevation")
    path = tmp_path / "steep.yaml"
    path.write_text(SOUND + "walker: {slope: tobler}\nelevation: {path: dem.tif}\n", encoding="utf-8")
    assert read_study(path).elevation.path == tmp_path / "dem.tif"


def test_another_group_takes_the_place_of_the_one_in_the_study(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text(
        SOUND + "walker: {name: {zh: 我}, speed_metres_per_second: 2, wide_roads: crossings}\n", encoding="utf-8"
    )
    walker = read_study(path, {"walker": {"preset": "older", **OWN_TO_A_GROUP}}).walker
    assert (walker.name.zh, walker.speed_metres_per_second, walker.wide_roads) == ("老年人", 0.9, "crossings")
