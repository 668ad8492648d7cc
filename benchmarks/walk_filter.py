"""OSMnx's `walk` filter, read from the installed package: which ways of an extract it takes, and why it leaves out the others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from livingcircle.sources.walkability import WalkAccess, is_walked_kind, walk_access

FILTER_TAGS = (
    "access",
    "area",
    "foot",
    "highway",
    "service",
    "sidewalk",
    "sidewalk:both",
    "sidewalk:left",
    "sidewalk:right",
)


class Clause(NamedTuple):
    """One condition of an Overpass filter: the tag must be there (`pattern` None) or must not match anywhere in its value."""

    tag: str
    pattern: str | None


def walk_filter() -> list[Clause]:
    """Return the conditions of the installed OSMnx's `walk` filter."""
    from osmnx import _overpass

    text = _overpass._get_network_filter("walk")  # noqa: SLF001 - the filter is public nowhere
    clauses = [Clause(tag, pattern) for tag, pattern in re.findall(r'\["([^"]+)"(?:!~"([^"]*)")?\]', text)]
    if "".join(f'["{tag}"!~"{pattern}"]' if pattern else f'["{tag}"]' for tag, pattern in clauses) != text:
        message = f"a filter of another shape: {text}"
        raise ValueError(message)
    return [Clause(tag, pattern or None) for tag, pattern in clauses]


def left_out(tags: Mapping[str, str], clauses: list[Clause]) -> Clause | None:
    """Return the first condition that a way does not fulfil, None if it is taken."""
    for clause in clauses:
        value = tags.get(clause.tag)
        if value is None if clause.pattern is None else value is not None and re.search(clause.pattern, value):
            return clause
    return None


def verdict(tags: Mapping[str, str], clauses: list[Clause]) -> str:
    """Return who walks a way, and why the other does not; empty for what neither does."""
    theirs, ours = left_out(tags, clauses), walk_access(tags)
    if ours is WalkAccess.OPEN:
        return "walked by both" if theirs is None else f"only ours: {_why_not_theirs(tags, theirs)}"
    if ours is WalkAccess.PRIVATE:
        return "restricted by us, " + ("open to theirs" if theirs is None else "left out by theirs")
    return "" if theirs is not None else f"only theirs: {_why_not_ours(tags)}"


def _why_not_theirs(tags: Mapping[str, str], clause: Clause) -> str:
    highway = tags.get("highway")
    if "platform" in {highway, tags.get("railway"), tags.get("public_transport")}:
        return "platforms"
    if clause.tag == "highway":
        return "cycleways shared with walkers" if highway == "cycleway" else f"highway={highway}"
    return {
        "access": "private ways open on foot",
        "area": "squares, along their outline",
        "foot": "foot=* with “no” within another word",
        "service": "service=private",
    }.get(clause.tag, "sidewalk=separate")


def _why_not_ours(tags: Mapping[str, str]) -> str:
    highway = tags.get("highway", "")
    if is_walked_kind(tags):
        return "closed by foot=* or access=*"
    if tags.get("motorroad") == "yes":
        return "motorroads"
    if highway.startswith("trunk"):
        return "trunk roads without a pavement"
    if highway in {"bridleway", "busway"}:
        return "bridleways and busways not shared"
    return "other classes (" + highway + ")"
