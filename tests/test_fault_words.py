"""What faults say: each language in its own signs."""

from __future__ import annotations

import errno
import os
import re

import pytest

from livingcircle.faults import FAULT_KINDS, Fault, several, unreadable
from livingcircle.render.words import WORDS

FULL_WIDTH = re.compile("[，。；：、！？（）《》【】]")


def test_english_has_no_full_width_signs():
    said = {kind: (of.problem_en, of.remedy_en) for kind, of in FAULT_KINDS.items()}
    assert [kind for kind, texts in said.items() if FULL_WIDTH.search("".join(texts))] == []
    assert [key for key, of in WORDS.items() if FULL_WIDTH.search(of.en)] == []


@pytest.mark.parametrize(
    ("language", "listed"), [("zh", "本小区甲、乙、丙…"), ("en", "本小区甲, 乙, 丙…")]
)  # names are data, and stay as they are
def test_several_are_listed_as_the_language_lists(language, listed):
    fault = Fault("districts_incomplete", details={"count": 4, "examples": several(["本小区甲", "乙", "丙", "丁"], 3)})
    assert listed in fault.problem(language)


@pytest.mark.parametrize(("names", "shown"), [([], ()), (["甲"], ("甲",)), ([1, 2], ("1", "2")), ("abc", ("a", "b…"))])
def test_several_names_the_first(names, shown):
    assert several(names, 2) == shown


@pytest.mark.parametrize(
    ("why", "zh", "en"),
    [
        ("invalid Zip archive: Could not find EOCD", "文件不完整或已损坏", "it is cut short or damaged"),
        (
            "XML parsing error at line 12, column 0: unclosed token",
            "文件不完整或已损坏（第 12 行附近）",
            "(near line 12)",
        ),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "磁盘空间不足", "no space left on device"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "没有权限", "permission denied"),
        (RuntimeError("database or disk is full"), "磁盘空间不足", "no space left on device"),
        (RuntimeError("/data/甲.tif: gnomes"), "程序报告“甲.tif: gnomes”", "the program reports “甲.tif: gnomes”"),
    ],
)
def test_what_libraries_say_is_told_in_both_languages(why, zh, en):
    fault = unreadable("/data/甲.tif", why)
    assert f"无法读取：{zh}。" in fault.sentence("zh")
    assert en in fault.sentence("en")
