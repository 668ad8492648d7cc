"""Cut the fonts that reports and printed maps carry, from Debian's fonts-noto-cjk (apt install fonts-noto-cjk).

    python docs/fonts.py

The regular face keeps the characters of GBK, the bold one, for headings, those of GB 2312; both keep the letters of western Europe and the
signs of plans and standards. The cut fonts have a name of their own, so that they are never taken for the whole ones. The SIL Open Font
License allows this and asks for its text beside them, which is written with them.
"""

from __future__ import annotations

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FOLDER = Path(__file__).resolve().parents[1] / "coverage" / "livingcircle" / "render" / "fonts"
DEBIAN = Path("/usr/share/fonts/opentype/noto")
COPYRIGHT = Path("/usr/share/doc/fonts-noto-cjk/copyright")
FAMILY = "Living Circle Sans"
SIMPLIFIED = "Noto Sans CJK SC"
ORIGIN = """{family} is {source} (https://github.com/notofonts/noto-cjk), cut to fewer characters and renamed by docs/fonts.py.
It is under the SIL Open Font License, Version 1.1, as the original is. Copyright of the original:
"""
FACES = {"Regular": "gbk", "Bold": "gb2312"}
RANGES = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin-1, and of Latin Extended-A the few letters that the original has
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2030, 0x203B),
    (0x2070, 0x208E),  # superscripts and subscripts
    (0x20AC, 0x20AC),
    (0x2103, 0x2122),
    (0x2150, 0x218B),  # fractions and Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # operators: ≤ ≥ ≈ − ∞
    (0x2460, 0x24FF),  # circled numbers
    (0x25A0, 0x25FF),  # shapes
    (0x2605, 0x2642),
    (0x2700, 0x27BF),
    (0x3000, 0x303F),  # Chinese punctuation
    (0x3200, 0x33FF),  # ㎡ ㎞ and their like
    (0xFE10, 0xFE4F),
    (0xFF01, 0xFFE6),  # full-width forms
)


def characters(encoding: str) -> set[int]:
    """Return the code points of a Chinese encoding of two bytes, and the ranges that every report needs."""
    pairs = (bytes([first, second]) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    chinese = {ord(sign) for pair in pairs for sign in pair.decode(encoding, errors="ignore") if len(sign) == 1}
    return chinese | {point for low, high in RANGES for point in range(low, high + 1)}


def simplified(file: Path) -> TTFont:
    """Return the face of a collection whose forms are those of mainland China."""
    with TTCollection(file) as collection:
        number = next(
            position for position, face in enumerate(collection) if face["name"].getDebugName(1).startswith(SIMPLIFIED)
        )
    return TTFont(file, fontNumber=number, recalcTimestamp=False)


def cut(font: TTFont, points: set[int], style: str) -> None:
    """Keep the glyphs of `points`, kerning and quotes as wide as Latin ones, under a name of its own.

    Hints, vertical setting and forms of other regions are dropped.
    """
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "pwid"]
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 11, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    options.recalc_timestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    names = font["name"]
    version = names.getDebugName(5)
    bare = FAMILY.replace(" ", "")
    for number, text in {
        1: FAMILY,
        2: style,
        3: f"{version};{bare}-{style}",
        4: f"{FAMILY} {style}",
        6: f"{bare}-{style}",
    }.items():
        names.setName(text, number, 3, 1, 0x409)
    inner = font["CFF "].cff
    inner.fontNames = [f"{bare}-{style}"]
    inner[0].FamilyName, inner[0].FullName, inner[0].Weight = FAMILY, f"{FAMILY} {style}", style


def licence(copyright_line: str) -> str:
    """Return where the fonts are from, and the licence as Debian's package holds it."""
    text = COPYRIGHT.read_text(encoding="utf-8")
    begin = text.rindex("License: SIL-1.1\n")
    lines = text[begin : text.index("\n\n", begin)].splitlines()[1:]
    bare = ["" if line.strip() == "." else line.removeprefix(" ") for line in lines]
    return "\n".join([ORIGIN.format(family=FAMILY, source=SIMPLIFIED), copyright_line, "", *bare]) + "\n"


def main() -> None:
    """Write both faces."""
    for style, encoding in FACES.items():
        font = simplified(DEBIAN / f"NotoSansCJK-{style}.ttc")
        cut(font, characters(encoding), style)
        file = FOLDER / f"LivingCircleSans-{style}.otf"
        font.save(file)
        (FOLDER / "OFL.txt").write_text(licence(font["name"].getDebugName(0)), encoding="utf-8")
        print(f"{file.name}: {len(font.getBestCmap()):,} characters, {file.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
