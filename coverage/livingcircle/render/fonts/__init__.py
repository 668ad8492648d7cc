"""The fonts that printed maps and reports carry, so that they look the same on every machine and no character is an empty box.

Two faces of `Living Circle Sans` (docs/fonts.py cuts them): the regular one holds GBK, the bold one GB 2312. A rare character beyond them
is taken from a font of the machine that has it; one that no font has is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from livingcircle.faults import Fault, several

FAMILY = "Living Circle Sans"
FOLDER = Path(__file__).resolve().parent
REGULAR, BOLD = FOLDER / "LivingCircleSans-Regular.otf", FOLDER / "LivingCircleSans-Bold.otf"
_LIKELY = ("dejavu", "cjk", "han", "hei", "song", "ming", "sun", "kai", "noto", "unifont")
"""DejaVu has accented letters whole, which Chinese fonts would put together from two signs."""
_LAST = ("mono", "math")
_NOT_FONTS = frozenset({FAMILY, "Last Resort High-Efficiency"})
"""Not for falling back to: ours, and one that draws boxes."""
_PLAIN_WEIGHT = 400
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fonts:
    """What a text is set in: families in order, the files of those that are not ours, and characters that none of them has."""

    families: tuple[str, ...]
    files: tuple[Path, ...]
    lacking: str

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Name the characters that would be empty boxes, and what brings them."""
        if not self.lacking:
            return ()
        named = several((f"{sign} (U+{ord(sign):04X})" for sign in self.lacking), _SHOWN)
        return (Fault("characters_without_font", details={"count": len(self.lacking), "characters": named}),)


def fonts_for(texts: Iterable[str]) -> Fonts:
    """Return the fonts that texts are set in; those of the machine are only looked at where ours do not do."""
    every = {sign for text in texts for sign in text if sign.isprintable()}
    lacking = every - characters(REGULAR)
    families, files = [FAMILY], []
    for name, file in _of_the_machine() if lacking else ():
        found = lacking & characters(file)
        if found:
            families.append(name)
            files.append(file)
            lacking -= found
        if not lacking:
            break
    return Fonts(tuple(families), tuple(files), "".join(sorted(lacking)))


def is_bold_whole(text: str) -> bool:
    """Tell whether the bold face has every character of a text; else it is set in the regular one."""
    return all(sign in characters(BOLD) for sign in text if sign.isprintable())


@cache
def characters(file: Path) -> frozenset[str]:
    """Return the characters a font file holds; none where it cannot be read."""
    from matplotlib.ft2font import FT2Font  # of the extra `report`

    try:
        return frozenset(map(chr, FT2Font(str(file)).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def _of_the_machine() -> list[tuple[str, Path]]:
    """Return the families and files of all other fonts, those likely to have letters of Europe and rare Chinese characters first."""
    from matplotlib.font_manager import fontManager

    def place(font: tuple[str, Path]) -> tuple[bool, int, str]:
        name = font[0].lower()
        rank = next((rank for rank, part in enumerate(_LIKELY) if part in name), len(_LIKELY))
        return any(part in name for part in _LAST), rank, font[1].name

    plain = (one for one in fontManager.ttflist if one.style == "normal" and one.weight == _PLAIN_WEIGHT)
    return sorted({(one.name, Path(one.fname)) for one in plain if one.name not in _NOT_FONTS}, key=place)


@cache
def register() -> None:
    """Make both faces known to matplotlib, once."""
    from matplotlib.font_manager import fontManager

    for file in (REGULAR, BOLD):
        fontManager.addfont(file)
