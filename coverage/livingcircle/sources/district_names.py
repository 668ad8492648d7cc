"""Names of districts as offices write them: told alike, told apart, and the nearest of those that match nothing."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

_KINDS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("社区", re.compile("(?:社区)?(?:居民委员会|居委会)$|社区$")),
    ("村", re.compile("(?:村民委员会|村委会|行政村|村)$")),
    ("街道", re.compile("街道(?:办事处|办)?$")),
    ("镇", re.compile("镇(?:人民政府|政府)?$")),
    ("乡", re.compile("乡(?:人民政府|政府)?$")),
)
_TOTALS = frozenset({"合计", "总计", "小计", "总和", "共计", "全区", "全市", "total", "sum"})
_IGNORED = re.compile(r"[\s·.,，、\-_]")


def plain_name(name: str) -> str:
    """Return a name without blanks, full-width signs and capitals, its kind in one wording: 甲社区居民委员会 and 甲居委会 are 甲社区."""
    plain, kind = stem_and_kind(name)
    return plain + kind


def stem_and_kind(name: str) -> tuple[str, str]:
    """Return a name without what kind of district it is, and the kind, `""` where it says none; a name that is only a kind is kept."""
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", name)).casefold()
    for kind, pattern in _KINDS:
        stem = pattern.sub("", plain)
        if stem and stem != plain:
            return stem, kind
    return plain, ""


def is_total(name: str) -> bool:
    """Whether a row of that name sums others."""
    return _IGNORED.sub("", name).rstrip(":：").casefold() in _TOTALS


class NameIndex:
    """Names of districts, to be looked up as others write them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._whole: Mapping[str, list[int]] = defaultdict(list)
        self._stems: Mapping[str, list[int]] = defaultdict(list)
        for position, name in enumerate(self._names):
            self._whole[plain_name(name)].append(position)
            self._stems[stem_and_kind(name)[0]].append(position)

    def find(self, name: str) -> list[int]:
        """Return the positions of all districts of that name, of any kind where the kind is written on one side only."""
        stem, kind = stem_and_kind(name)
        found = self._whole.get(stem + kind)
        if found:
            return found
        return [one for one in self._stems.get(stem, []) if not kind or not stem_and_kind(self._names[one])[1]]

    def near(self, name: str) -> list[str]:
        """Return up to three names that resemble one, the likeliest first."""
        stems = difflib.get_close_matches(stem_and_kind(name)[0], self._stems, n=3, cutoff=0.5)
        return [self._names[self._stems[stem][0]] for stem in stems]
