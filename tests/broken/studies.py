"""Broken study files and standards: YAML as it is mistyped, and as it is made to do harm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import written_town as w
from broken.corpus import Changes, broken, readable

_LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def _study(content: str | bytes) -> Callable[[Path], Changes]:
    """Return what writes this content as the study file."""

    def write(folder: Path) -> Changes:
        (folder / "study.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
        return None

    return write


def _case(name: str, content: str | bytes, *wanted: str | tuple[object, ...]) -> None:
    write = _study(content)
    write.__name__ = name
    broken("study", *wanted)(write)


_case("study_of_nothing", b"", "wrong_setting")
_case("study_of_a_list", "- a\n- b\n", "wrong_setting")
_case("study_of_words", "hello", "wrong_setting")
_case("study_with_tabs", w.STUDY.replace("id: town", "id:\n\ttown"), ("yaml_tab", 3))
_case("study_with_a_windows_path_in_quotes", f'{w.STUDY}walker: "D:\\数据"\n', ("yaml_backslash", 13))
_case("study_with_a_key_twice", f"{w.STUDY}id: again\n", ("bad_yaml", 13))
_case("study_in_gbk", w.STUDY.encode("gb18030"), "unreadable_file")
_case("study_in_utf16", w.STUDY.encode("utf-16"), "unreadable_file")
_case("study_with_a_zero_byte", w.STUDY.replace("town", "to\0wn", 1), "bad_yaml")
_case("study_cut", w.STUDY[: w.STUDY.index("join_cap") + 3], ("bad_yaml", 4))
_case("study_of_two_documents", f"{w.STUDY}---\n{w.STUDY}", ("bad_yaml", 13))
_case("study_with_an_unknown_alias", f"{w.STUDY}walker: *nobody\n", ("bad_yaml", 13))
_case("study_with_python_in_it", f"{w.STUDY}walker: !!python/object/apply:os.system [ls]\n", ("bad_yaml", 13))
_case("study_nested_without_end", w.STUDY + "walker: " + "[" * 5000, "bad_yaml")
_case("study_that_holds_itself", f"{w.STUDY}walker: &w {{slope: *w}}\n", "wrong_setting")
_case("study_with_a_date_that_is_none", f"{w.STUDY}edge: {{buffer_metres: 2024-99-99}}\n", "bad_yaml")
_case(
    "study_with_a_number_beyond_all", w.STUDY.replace("join_cap_metres: 50", "join_cap_metres: .inf"), "wrong_setting"
)
_case("study_with_an_endless_integer", w.STUDY.replace("sites: 1", f"sites: {'9' * 5000}"), "bad_yaml")
_case("study_with_a_path_that_is_none", w.STUDY.replace("homes.csv", '"homes\\0.csv"'), "missing_file")


@broken("study", ("unknown_setting", 3, "a"))
def study_with_a_million_laughs(folder: Path) -> Changes:
    (folder / "study.yaml").write_text(_LAUGHS + w.STUDY, encoding="utf-8")
    return None


@readable("study")
def study_with_a_byte_order_mark_and_ends_of_windows(folder: Path) -> Changes:
    (folder / "study.yaml").write_bytes(b"\xef\xbb\xbf" + w.STUDY.replace("\n", "\r\n").encode())
    return None


def _standard(name: str, content: str | bytes, *wanted: str | tuple[object, ...]) -> None:
    def write(folder: Path) -> Changes:
        (folder / "standard.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
        return None

    write.__name__ = name
    broken("standard", *wanted)(write)


_standard("standard_of_nothing", b"", "wrong_setting")
_standard("standard_in_gbk", w.STANDARD.encode("gb18030"), "unreadable_file")
_standard("standard_cut", w.STANDARD[: w.STANDARD.index("verification")], "bad_yaml")
_standard("standard_with_a_requirement_twice", w.STANDARD.replace("id: far", "id: near"), "duplicate_requirement")
_standard("standard_that_extends_nothing", f"extends: nobody\n{w.STANDARD}", "unknown_standard")
_standard("standard_of_laughs", _LAUGHS, "missing_setting", "unknown_setting")
_standard("standard_without_limits", w.STANDARD.replace("limit_minutes: 5", "limit_minutes: -5"), "wrong_setting")
