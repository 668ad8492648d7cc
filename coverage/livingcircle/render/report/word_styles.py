"""How a report looks in Word: fonts, styles, paper. Offices change these in Word; nothing else need be touched for it.

Chinese is set in 宋体 and 黑体, which every Chinese Windows has; where they are missing (Linux, LibreOffice) the file names Noto in their
place. Latin letters and figures are set in Times New Roman and Arial, for which there are metric twins everywhere.
"""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from livingcircle.faults import Language
from livingcircle.render.report.word_parts import RULE, element

WIDE_MM, HIGH_MM, SIDE_MM, TOP_MM = 210, 297, 25, 20
SONG, HEI = "宋体", "黑体"
SERIF, SANS = "Times New Roman", "Arial"
_INK, _QUIET = RGBColor(0x1F, 0x2A, 0x33), RGBColor(0x4C, 0x58, 0x62)
_CONTENTS_PITCH = Pt(12.8)
_FALLBACK = {SONG: "Noto Serif CJK SC", HEI: "Noto Sans CJK SC"}
_LANGUAGE: dict[Language, str] = {"zh": "zh-CN", "en": "en-GB"}


def dress(document: Any, language: Language) -> None:
    """Set the styles of an empty document."""
    chinese = language == "zh"
    body = SERIF if chinese else SANS
    styles = document.styles
    _base(document, language)
    _style(styles["Normal"], 10.5, body, SONG, after=4, lines=1.35 if chinese else 1.2)
    _style(styles["Title"], 24, SANS, HEI, bold=True, after=10, align="centre")
    _remove_border(styles["Title"])
    _style(styles["Subtitle"], 15, SANS, HEI, after=40, align="centre", colour=_QUIET)
    for level, size, before in ((1, 17, 0), (2, 13.5, 14), (3, 11.5, 10)):
        _style(styles[f"Heading {level}"], size, SANS, HEI, bold=True, before=before, after=6)
        styles[f"Heading {level}"].paragraph_format.keep_with_next = True
    styles["Heading 1"].paragraph_format.page_break_before = True
    _style(styles["Caption"], 9.5, SANS, HEI, before=8, after=4, align="centre")
    _style(styles["List Bullet"], 10.5, body, SONG, after=3, lines=1.3 if chinese else 1.2)
    text = _new(styles, "BodyIndented", "Body Indented")
    text.base_style = styles["Normal"]
    if chinese:
        text.paragraph_format.first_line_indent = Pt(21)  # two characters
    finding = _new(styles, "Finding", "Finding")
    _style(finding, 10.5, SANS, HEI, before=4, after=6, lines=1.3)
    _left_rule(finding)
    note = _new(styles, "Note", "Note")
    _style(note, 9, body, SONG, before=2, after=8, colour=_QUIET)
    picture = _new(styles, "Picture", "Picture")
    _style(picture, 10.5, body, SONG, before=8, after=0, align="centre")
    picture.paragraph_format.keep_with_next = True
    for name, latin, face, weight in (("TableText", body, SONG, False), ("TableHead", SANS, HEI, True)):
        for end, points in (("", 9), ("Small", 7.5)):
            cell = _new(styles, f"{name}{end}", f"{name}{end}")
            _style(cell, points, latin, face, bold=weight)
            cell.paragraph_format.space_before = cell.paragraph_format.space_after = Pt(1)
            cell.paragraph_format.widow_control = False
    end = _new(styles, "SectionEnd", "Section End")
    _style(end, 1, body, SONG)
    contents = _new(styles, "ContentsTitle", "Contents Title")
    _style(contents, 17, SANS, HEI, bold=True, after=10)
    width = Mm(WIDE_MM - 2 * SIDE_MM)
    for level, indent in ((1, 0), (2, 14)):
        entry = _new(styles, f"TOC{level}", f"toc {level}")
        _style(entry, 10, body, HEI if level == 1 else SONG)
        entry.paragraph_format.line_spacing = _CONTENTS_PITCH  # some fifty sections are one page
        entry.paragraph_format.left_indent = Pt(indent)
        entry.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    for name in ("Header", "Footer"):
        _style(styles[name], 9, SANS, SONG, colour=_QUIET)
    styles.element.append(_table_style())


def paper(section: Any, *, wide: bool) -> None:
    """Set a section on A4, upright or turned sideways."""
    across, down = (HIGH_MM, WIDE_MM) if wide else (WIDE_MM, HIGH_MM)
    section.page_width, section.page_height = Mm(across), Mm(down)
    section.orientation = int(wide)
    section.left_margin = section.right_margin = Mm(SIDE_MM)
    section.top_margin = section.bottom_margin = Mm(TOP_MM)
    section.header_distance = section.footer_distance = Mm(12)


def fallback_fonts(document: Any) -> None:
    """Name fonts to be taken where the ones of the styles are missing."""
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in _FALLBACK.items()
    )
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")  # noqa: SLF001 - a part without a class


def _base(document: Any, language: Language) -> None:
    """Set the language of all text, for spelling and for the forms of Chinese characters."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    latin = "en-US" if language == "zh" else _LANGUAGE[language]
    defaults.append(element("w:lang", val=latin, eastAsia="zh-CN", bidi="ar-SA"))


def _style(
    style: Any,
    points: float,
    latin: str,
    chinese: str,
    *,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
    lines: float = 1.0,
    align: str = "",
    colour: RGBColor = _INK,
) -> None:
    font, layout = style.font, style.paragraph_format
    font.size, font.bold, font.italic, font.name = Pt(points), bold, False, latin
    font.color.rgb = colour
    fonts = style.element.rPr.rFonts
    for key in list(fonts.attrib):
        if key.lower().endswith("theme"):
            del fonts.attrib[key]
    for key, face in (("eastAsia", chinese), ("hAnsi", latin), ("cs", latin), ("ascii", latin)):
        fonts.set(qn(f"w:{key}"), face)
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.MULTIPLE, lines
    if align == "centre":
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _new(styles: Any, identity: str, name: str) -> Any:
    made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=name.startswith("toc "))
    made.element.set(qn("w:styleId"), identity)
    made.quick_style = True
    return made


def _left_rule(style: Any) -> None:
    """Set a paragraph off by a rule at its left."""
    layout = style.element.get_or_add_pPr()
    layout.insert_element_before(
        element("w:pBdr", element("w:left", val="single", sz=18, space=8, color="2C7FB8")), *_AFTER_BORDER
    )
    style.paragraph_format.left_indent = Pt(10)


def _remove_border(style: Any) -> None:
    layout = style.element.pPr
    for border in layout.findall(qn("w:pBdr")):
        layout.remove(border)


_AFTER_BORDER = (
    *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap", "w:overflowPunct", "w:topLinePunct"),
    *("w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"),
    *("w:contextualSpacing", "w:mirrorIndents", "w:textDirection", "w:textAlignment", "w:outlineLvl", "w:rPr"),
)
"""What must follow a border among the properties of a paragraph, by the schema of the format."""


def _table_style() -> Any:
    """Return the style of all tables: thin rules between rows, none between columns."""
    sides = (
        element(f"w:{side}", val="single", sz=8 if side in {"top", "bottom"} else 4, space=0, color=RULE)
        for side in ("top", "bottom", "insideH")
    )
    room = (element(f"w:{side}", w=70, type="dxa") for side in ("left", "right"))
    return element(
        "w:style",
        element("w:name", val="Living Circle Table"),
        element("w:uiPriority", val=99),
        element("w:tblPr", element("w:tblBorders", *sides), element("w:tblCellMar", *room)),
        type="table",
        customStyle="1",
        styleId="LivingCircle",
    )
