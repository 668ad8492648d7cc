"""Every broken file ends in a clear report or a correct reading: none in a traceback, a hang, or a silent change."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import written_town as w
from broken import archives, layers, rasters, streets, studies, tables  # noqa: F401 - register their cases
from broken.corpus import CASES, Case
from livingcircle import cases
from livingcircle.errors import SettingsError
from livingcircle.faults import Fault
from livingcircle.model.study import Study
from livingcircle.settings import read_study

SECONDS = 20


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """A cache that all cases share: their streets are mostly the same."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(cache))


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """End what hangs: in Python by a signal, in a library with its traceback and the whole run."""

    def late(*_: object) -> None:
        pytest.fail(f"still at work after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(2 * SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="session")
def sound(tmp_path_factory, cache) -> cases.Checked:
    """The town as it is before anything is broken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVING_CIRCLE_CACHE", str(cache))
        return cases.check(read_study(w.write_town(tmp_path_factory.mktemp("sound"))))


def kinds(faults: tuple[Fault, ...]) -> list[str]:
    return [fault.kind for fault in faults]


def assert_clear(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        for language in ("zh", "en"):
            sentence = fault.sentence(language)
            assert "{" not in sentence.replace(fault.value, "")
            assert len(sentence.replace(fault.file, "")) < 1500
        if fault.kind == "unreadable_file":  # in our own words, whatever library had read it
            assert "“" not in str(fault.details), fault.sentence()


def assert_same(study: Study, sound: Study) -> None:
    """Compare what two studies are made of; places to a centimetre."""
    for one, other, names in (
        (study.homes, sound.homes, ("ids", "residents", "households", "district")),
        (study.facilities, sound.facilities, ("ids", "names", "serves")),
        (study.districts, sound.districts, ("ids", "names", "level")),
        (study.candidates, sound.candidates, ("ids", "names")),
    ):
        for name in names:
            assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    for name in ("homes", "facilities", "candidates"):
        assert np.abs(getattr(study, name).xy - getattr(sound, name).xy).max() < 0.01
    found, known = study.network.streets, sound.network.streets
    assert sorted(np.round(found.metres, 2).tolist()) == sorted(np.round(known.metres, 2).tolist())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_broken(case: Case, tmp_path, sound):
    study_file = w.write_town(tmp_path)
    changes = case.write(tmp_path)
    try:
        settings = read_study(study_file, changes)
    except SettingsError as error:
        faults = error.faults
        assert case.role == "study"
    else:
        checked = cases.check(settings)
        faults = checked.faults
        assert_clear((*checked.warnings, *checked.notes))
        cases.write_check(checked, settings, page=tmp_path / "check.html", book=tmp_path / "check.xlsx")
    assert_clear(faults)
    if case.role in {"study", "standard"}:  # what is mistyped in one place may be wrong in several
        assert {fault.kind for fault in faults} == {kind for kind, _, _ in case.faults}
        assert {row for _, row, _ in case.faults if row} <= {fault.row for fault in faults}
    else:
        found = sorted((fault.kind, fault.row or 0, fault.column) for fault in faults)
        assert found == sorted((kind, row or 0, column) for kind, row, column in case.faults)
    if case.faults:
        assert all(Path(fault.file).is_relative_to(tmp_path) for fault in faults)
        return
    said = [*kinds(checked.warnings), *kinds(checked.notes)]
    assert set(case.said) <= set(said)
    if case.reads is None:
        assert_same(checked.study, sound.study)
    else:
        assert set(said) - {*kinds(sound.warnings), *kinds(sound.notes)}, "what is read otherwise is told"
        case.reads(checked.study)
