"""Candidates chosen on the map for siting: those of the study marked one way or another, and places added by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desk.board import Board
from desk.panels.siting import memory, settings_of
from livingcircle.render.words import say

MOST_PLACED = 200


def choose(on: Board, message: Mapping[str, Any]) -> None:
    """Take up a click: on a candidate of the study, on one that was placed, or on the ground."""
    form, candidates = memory(on.view), on.view.answers.results.study.candidates
    number, on.fault = message.get("number"), ""
    if number is None:
        _place(on, tuple(float(one) for one in message["lonlat"][0]))
        return
    beyond = number - len(candidates)
    if beyond >= 0:
        for name in list(form["placed"])[beyond : beyond + 1]:
            del form["placed"][name]
            form["required"].discard(name)
            form["forbidden"].discard(name)
        return
    name = str(candidates.ids[number])
    if name in form["required"]:
        form["required"].discard(name)
        form["forbidden"].add(name)
    elif name in form["forbidden"]:
        form["forbidden"].discard(name)
    else:
        form["required"].add(name)


def shown(on: Board) -> dict[str, Any] | None:
    """Return what the map shows of it; None where nothing was chosen."""
    from livingcircle.render.outlines import lonlat_of

    form, study = memory(on.view), on.view.answers.results.study
    counts = {name: len(form[name]) for name in ("placed", "required", "forbidden")}
    if not any(counts.values()):
        return None
    numbers = {str(name): number for number, name in enumerate(study.candidates.ids)}
    marks = []
    for kind in ("required", "forbidden"):
        for name in sorted(form[kind] & set(numbers)):
            at = lonlat_of(study.candidates.xy[[numbers[name]]], study.crs)[0].round(6).tolist()
            title = str(study.candidates.names[numbers[name]]) or name
            marks.append(_mark(on, kind, at, numbers[name], title))
    for number, (name, (title, lonlat)) in enumerate(form["placed"].items(), len(numbers)):
        kind = next((one for one in ("required", "forbidden") if name in form[one]), "placed")
        marks.append(_mark(on, kind, list(lonlat), number, title))
    return {"marks": marks, "remark": on.say("chosen", **counts)}


def _place(on: Board, lonlat: tuple[float, ...]) -> None:
    from livingcircle.loading import with_placed

    form, view = memory(on.view), on.view
    if len(form["placed"]) >= MOST_PLACED:
        return
    taken = set(form["placed"]) | set(view.answers.results.study.candidates.ids.tolist())
    number = next(one for one in range(1, len(taken) + 2) if f"placed-{one}" not in taken)
    name = f"placed-{number}"
    form["placed"][name] = (on.say("placed", number=number), (lonlat[0], lonlat[1]))
    study = with_placed(view.answers.results.study, settings_of(view, form))
    if not study.candidate_anchors.joined[study.candidates.ids.tolist().index(name)]:
        from livingcircle.faults import Fault

        del form["placed"][name]
        metres = view.answers.settings.network.join_cap_metres
        on.fault = Fault("site_unjoined", value=on.say("placed", number=number), details={"metres": metres}).sentence(
            view.language
        )


def _mark(on: Board, kind: str, at: list[float], number: int, title: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "at": at,
        "number": number,
        "title": title,
        "sign": say(f"desk.sign_{kind}", on.view.language),
    }
