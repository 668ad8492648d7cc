"""公平: how evenly it is spread, older people and children at their own speed, places beside those who need them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Paragraph, Section
from livingcircle.render.report.material import Material, Of, shown_as, table_of
from livingcircle.render.words import shown_ages

MOST_DISTRICTS = 60


def chapter(of: Material) -> Iterator[Section]:
    """Yield what there is to say of the score, of ages and of places; nothing where there is none of it."""
    parts = (
        ("section.spread", tuple(_spread(of))),
        ("section.ages", tuple(_ages(of))),
        ("section.capacity", tuple(_capacity(of))),
        ("section.choice", tuple(_choice(of))),
    )
    found = [(title, blocks) for title, blocks in parts if blocks]
    if not found:
        return
    yield Section(1, of.say("chapter.equity"), (Paragraph(of.say("equity.intro")),))
    for title, blocks in found:
        yield Section(2, of.say(title), blocks)


def _spread(of: Material) -> Iterator[Block]:
    equity = of.tables["equity"]
    score = equity[equity["good"] == "score"] if len(equity) else equity
    if not len(score):
        return
    whole = score[score["scope"] == "study"].iloc[0]
    if pd.isna(whole["gini"]):  # nobody lives there, or nobody has anything
        return
    yield Paragraph(
        of.say(
            "equity.score",
            gini=shown_as(whole["gini"], "ratio"),
            palma=shown_as(whole["palma"], "ratio"),
            mean=shown_as(whole["good_mean"], "score"),
            worst=shown_as(whole["worst_tenth_mean"], "score"),
        )
    )
    if pd.notna(whole["concentration"]) and whole["rank_by"]:
        side = "more" if whole["concentration"] > 0 else "less"
        ages = shown_ages(str(whole["rank_by"]), of.language)
        yield Paragraph(
            of.say(f"equity.concentration_{side}", ages=ages, value=shown_as(whole["concentration"], "number"))
        )
    units = score[score["scope"].isin(["study", "district"])]
    shown = units.assign(district_name=units["district_name"])
    yield from table_of(
        of,
        "equity",
        "equity",
        (
            Of("district_name", 1.4, shown="unit"),
            Of("people", 1.0),
            Of("good_mean", 1.0, "mean_score", "score"),
            Of("worst_tenth_mean", 1.2, "worst_tenth", "score"),
            Of("gini", 0.9, "", "ratio"),
            Of("palma", 0.9, "", "ratio"),
        ),
        shown,
        most=MOST_DISTRICTS,
        note=of.say("equity.note"),
        strong=lambda row: row.scope == "study",
    )
    yield from figures.lorenz_chart(of)


def _ages(of: Material) -> Iterator[Block]:
    whole = of.whole("elderly_and_children")
    known = whole[whole["residents_share"].notna()] if len(whole) else whole
    if not len(known):
        return
    yield Paragraph(of.say("ages.intro"))
    yield from table_of(
        of,
        "elderly_and_children",
        "elderly_and_children",
        (
            Of("service", 1.9),
            Of("limit_minutes", 0.95, shown="limit"),
            Of("age_group", 1.2),
            Of("speed_metres_per_second", 1.15, "speed"),
            Of("residents", 0.9, "people"),
            Of("residents_share", 1.0),
            Of("residents_share_study_speed", 1.2, "same_speed"),
        ),
        known,
    )


def _capacity(of: Material) -> Iterator[Block]:
    whole = of.whole("capacity")
    if not len(whole):
        return
    yield Paragraph(of.say("capacity.intro"))
    yield from table_of(
        of,
        "capacity",
        "capacity",
        (
            Of("service", 1.4),
            Of("limit_minutes", 0.95, shown="limit"),
            Of("supply_of", 1.0, "supply_of"),
            Of("demand_of", 1.1, "demand_of"),
            Of("people", 0.9),
            Of("places_known", 0.9, "places"),
            Of("needed", 0.9, "needed"),
            Of("served", 0.9, "served"),
            Of("unmet", 0.9, "unmet"),
            Of("served_share", 0.9, "served_share"),
        ),
        whole,
        note=of.say("capacity.note"),
    )


def _choice(of: Material) -> Iterator[Block]:
    whole = of.whole("choice")
    if len(whole):
        yield Paragraph(of.say("choice.intro"))
    yield from table_of(
        of,
        "choice",
        "choice",
        (
            Of("service", 1.6),
            Of("limit_minutes", 0.9, shown="limit"),
            Of("nearest_count", 0.9, "nearest_count"),
            Of("facilities_within_mean", 1.1, "within_mean", "ratio"),
            Of("choice_share", 1.2, "choice_share"),
        ),
        whole,
    )
