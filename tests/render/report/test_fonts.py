"""Every character a report can say has a glyph, and what has none is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import livingcircle
from livingcircle.faults import FAULT_KINDS
from livingcircle.render import columns, fonts
from livingcircle.render.words import WORDS

pytest.importorskip("matplotlib", reason="the extra `report` is not installed")
SIGNS = "㎡㎞≥≤×→①⑳“”‘’，。；：？！（）《》【】、·—…～℃‰²³½ÅÄÖåäöñÑéüß−±≈∞〇"


def written() -> dict[str, str]:
    """Everything the package can say: its words, columns and faults, and all texts of the standards."""
    folder = Path(livingcircle.__file__).parent
    texts = {key: words.zh + words.en for key, words in WORDS.items()}
    texts |= {
        kind: f"{one.problem_zh}{one.problem_en}{one.remedy_zh}{one.remedy_en}" for kind, one in FAULT_KINDS.items()
    }
    texts |= {path.name: path.read_text(encoding="utf-8") for path in (folder / "standards").rglob("*.yaml")}
    texts["columns"] = Path(columns.__file__).read_text(encoding="utf-8")
    return texts


def test_the_regular_face_has_every_character_of_words_standards_and_faults():
    ours = fonts.characters(fonts.REGULAR)
    lacking = {name: sorted({sign for sign in text if sign.isprintable()} - ours) for name, text in written().items()}
    assert not {name: signs for name, signs in lacking.items() if signs}


def test_the_faces_hold_gbk_and_gb_2312_and_the_signs_of_plans():
    for file, encoding in ((fonts.REGULAR, "gbk"), (fonts.BOLD, "gb2312")):
        pairs = (bytes([first, second]) for first in range(0xB0, 0xF8) for second in range(0xA1, 0xFF))
        chinese = {sign for pair in pairs for sign in pair.decode(encoding, errors="ignore")}
        assert len(chinese) > 6700
        assert not (chinese | set(SIGNS)) - fonts.characters(file)
    assert set("㙍臺灣區衛鬧") - fonts.characters(fonts.BOLD)
    assert not set("臺灣區衛鬧鍾") - fonts.characters(fonts.REGULAR)


def test_the_faces_bear_their_own_name_and_their_licence():
    ttlib = pytest.importorskip("fontTools.ttLib")
    for file, style in ((fonts.REGULAR, "Regular"), (fonts.BOLD, "Bold")):
        with ttlib.TTFont(file) as font:
            assert font["name"].getDebugName(1) == fonts.FAMILY
            assert font["name"].getDebugName(2) == style
            assert "Source" not in font["name"].getDebugName(4)
            assert "Open Font License" in font["name"].getDebugName(13)
    assert "SIL OPEN FONT LICENSE" in (fonts.FOLDER / "OFL.txt").read_text(encoding="utf-8")


def test_letters_of_central_europe_come_with_matplotlib():
    found = fonts.fonts_for(["Łódź, Žižkov"])
    assert found.families[0] == fonts.FAMILY
    assert (len(found.files), found.lacking) == (1, "")


def test_no_font_of_the_machine_is_looked_for_where_ours_do(monkeypatch):
    monkeypatch.setattr(fonts, "_of_the_machine", lambda: pytest.fail("looked for"))
    assert fonts.fonts_for(["清河街道 15 min ≥ 1 000 ㎡\n"]) == fonts.Fonts((fonts.FAMILY,), (), "")


def test_a_rare_character_comes_from_the_machine_or_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "_of_the_machine", lambda: [("Broken", tmp_path / "none.ttf"), ("Ours", fonts.REGULAR)])
    found = fonts.fonts_for(["𠮷庆里", "㎡"])
    assert found.families == (fonts.FAMILY,)
    assert found.lacking == "𠮷"
    (told,) = found.warnings
    assert "𠮷 (U+20BB7)" in told.sentence("zh")
    assert "fonts-noto-cjk" in told.sentence("en")
    monkeypatch.setattr(fonts, "characters", lambda file: frozenset("庆里㎡" if file == fonts.REGULAR else "𠮷"))
    monkeypatch.setattr(fonts, "_of_the_machine", lambda: [("Rare", tmp_path / "rare.ttf")])
    found = fonts.fonts_for(["𠮷庆里", "㎡"])
    assert found.families == (fonts.FAMILY, "Rare")
    assert found.files == (tmp_path / "rare.ttf",)
    assert found.warnings == ()
