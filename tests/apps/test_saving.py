"""What is said of a file that could not be made, or not be offered."""

from types import SimpleNamespace

import pytest

from livingcircle.render.words import say


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (
            OSError(28, "No space left on device"),
            "磁盘空间不足。请检查磁盘空间和权限",
            "no space left on device. Check disk",
        ),
        (ModuleNotFoundError("no", name="typst"), "缺少组件 typst。请管理员", "The component typst is missing."),
        (MemoryError(), "内存不足。请关闭", "not enough memory. Close"),
        (TypeError("of ours"), "程序出错（TypeError: of ours）", "The program failed (TypeError: of ours)"),
    ],
)
def test_what_could_not_be_made_is_told_with_a_remedy(error, zh, en):
    from desk.saving import NotMade

    assert zh in NotMade(error, 1).words("zh")
    assert en in NotMade(error, 1).words("en")


def test_without_the_report_component_the_way_to_it_is_told(monkeypatch):
    from desk import downloads

    said = []
    view = SimpleNamespace(
        say=lambda key, **values: say(f"page.{key}", "zh", **values),
        answers=SimpleNamespace(results=SimpleNamespace(plans=())),
        file=None,
    )
    monkeypatch.setattr(downloads, "find_spec", lambda name: None if name == "typst" else name)
    monkeypatch.setattr(downloads.markup, "show", said.append)
    monkeypatch.setattr(downloads, "_offered", lambda _view, one: said.append(one.label))
    downloads.downloads(view)
    assert "living-circle[report]" in said[0]
    assert "typst" in said[0]
    assert "report_word" not in said
    assert "tables" in said
