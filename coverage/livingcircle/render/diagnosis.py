"""The diagnosis alone, as the command prints it."""

from __future__ import annotations

from typing import Any

from livingcircle.model.results import Results
from livingcircle.render import tables
from livingcircle.render.summary import records, summary


def diagnosis_figures(results: Results, service: str | None = None) -> dict[str, Any]:
    """Return the gap list, its areas, causes and remedies as plain values, of one service if it is named by its id.

    Places of the list that lack other services only are left out; what is said of a place is said of all that it lacks.
    """
    whole = summary(results)
    kept = ("title", "standard", "walker", "counts", "warnings", "attribution", "provenance")
    figures = {name: whole[name] for name in kept}
    areas, causes, places = tables.gap_findings(results), tables.gap_causes(results), tables.gap_list(results)
    units, lacks = tables.unit_remedies(results), tables.shortages(results)
    if service is not None:
        areas, causes, units, lacks = (frame[frame["service_id"] == service] for frame in (areas, causes, units, lacks))
        places = places[places["gap_id"].isin([*areas["gap_id"], *lacks["gap_id"]])]
    found = {"gap_list": places, "gaps": areas, "gap_causes": causes, "shortages": lacks, "unit_remedies": units}
    return {**figures, **{name: records(frame) for name, frame in found.items()}}
