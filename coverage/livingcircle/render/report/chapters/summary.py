"""摘要: the key figures, and what was found in sentences with numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from livingcircle.render.report import figures
from livingcircle.render.report.document import Block, Bullets, Cell, Column, Paragraph, Section, Table
from livingcircle.render.report.material import Material, cell_of, shown_as
from livingcircle.render.summary import residents_estimated
from livingcircle.render.words import shown_count, shown_limit, shown_share

WORST_NAMED = 3
MOST_TIED = 3
LEAST_CHANGE = 0.0005
"""Coverage whose change reads 0.0 points has neither risen nor fallen."""


def chapter(of: Material) -> Iterator[Section]:
    """Set key figures first, findings after them, and the overview map."""
    study = of.results.study
    blocks: list[Block] = [
        Paragraph(
            of.say(
                "summary.intro",
                standard=study.standard.title.said(of.language),
                edition=study.standard.edition,
                homes=shown_count(len(study.homes)),
                residents=shown_count(float(study.homes.residents.sum())),
                services=len(study.standard.services),
            )
        ),
        key_figures(of),
        Paragraph(of.say("summary.findings")),
        Bullets(tuple(findings(of))),
    ]
    if residents_estimated(study):
        blocks.append(Paragraph(of.say("summary.estimated"), "finding"))
    if study.warnings:
        blocks.append(Paragraph(of.say("summary.warnings", count=len(study.warnings)), "note"))
    yield Section(1, of.say("chapter.summary"), (*blocks, *figures.score_map(of)))


def key_figures(of: Material) -> Table:
    """The figures a head of office asks for first."""
    rows: list[tuple[Cell, Cell]] = []

    def add(key: str, cell: Cell) -> None:
        rows.append((Cell(of.say(f"key.{key}")), cell))

    coverage, scores, verdicts = of.whole("coverage"), of.whole("scores"), of.whole("verdicts")
    if len(coverage):
        first = int(coverage.index[0])
        for name in ("residents", "households", "homes"):
            add(name, cell_of(of, "coverage", first, name))
    add("facilities", _counted(len(of.results.study.facilities)))
    add("districts", _counted(len(of.results.study.districts)))
    if len(scores):
        row = int(scores.index[0])
        add("score", cell_of(of, "scores", row, "living_circle_score", "score"))
        add("reached", cell_of(of, "scores", row, "services_reached_share"))
        add("all_reached", cell_of(of, "scores", row, "all_reached_share"))
    if len(verdicts):
        for verdict in _counted_verdicts(verdicts):
            add(f"requirements_{verdict}", _counted(int((verdicts["verdict"] == verdict).sum())))
    clauses = of.tables["rules"]
    judged = clauses[clauses["verdict"] != ""]
    if len(judged):
        for verdict in _counted_verdicts(judged):
            add(f"clauses_{verdict}", _counted(int((judged["verdict"] == verdict).sum())))
    add("gaps", _counted(len(of.tables["gap_list"])))
    plans = of.tables["plan_quality"]
    if len(plans):
        add("plans", _counted(len(plans)))
        add("sites", _counted(int(plans["sites_chosen"].sum())))
    columns = (Column(of.say("head.item"), 2.2), Column(of.say("head.figure"), 1.0, "right"))
    return Table("key", of.say("table.key"), columns, tuple(rows), "coverage", width_share=0.8)


def findings(of: Material) -> Iterator[str]:
    """Say what was found, the most important first."""
    yield from _of_score(of)
    yield from _of_requirements(of)
    yield from _of_clauses(of)
    yield from _of_gaps(of)
    yield from _of_plans(of)
    yield from _of_equity(of)
    yield from _of_change(of)


def _of_score(of: Material) -> Iterator[str]:
    whole = of.whole("scores").dropna(subset=["living_circle_score"])
    if not len(whole):
        return
    row = whole.iloc[0]
    yield of.say(
        "finding.score",
        score=shown_as(row["living_circle_score"], "score"),
        reached=shown_share(row["services_reached_share"]),
        all=shown_share(row["all_reached_share"]),
    )
    districts = of.smallest("scores").dropna(subset=["living_circle_score"])
    if len(districts) > 1:
        yield " ".join(_of_districts(of, districts)) if of.language == "en" else "".join(_of_districts(of, districts))


def _of_districts(of: Material, districts: pd.DataFrame) -> Iterator[str]:
    """Say which have the highest and the lowest score: all that read alike."""
    shown = districts["living_circle_score"].map(lambda score: shown_as(score, "score"))
    ranked = shown[districts["living_circle_score"].sort_values(kind="stable").index]
    low, high = ranked.iloc[0], ranked.iloc[-1]
    if low == high:
        yield of.say("finding.districts_alike", score=low)
        return
    worst, best = districts[shown == low], districts[shown == high]
    yield of.say("finding.districts", best=_tied(of, best), best_score=high, worst=_tied(of, worst), worst_score=low)
    if len(worst) == 1:
        row = worst.iloc[0]
        yield of.say("finding.weakest", worst=row["district_name"], weakest=row[of.both("weakest_service")])


def _tied(of: Material, districts: pd.DataFrame) -> str:
    """Name districts that stand alike, the first few of many with their number."""
    names = of.say("between").join(districts["district_name"].head(MOST_TIED))
    if len(districts) == 1:
        return names
    return of.say(
        "finding.tied" if len(districts) <= MOST_TIED else "finding.tied_more", names=names, count=len(districts)
    )


def _of_requirements(of: Material) -> Iterator[str]:
    verdicts = of.whole("verdicts")
    if not len(verdicts):
        return
    unmet = verdicts[verdicts["verdict"] == "unmet"].sort_values("residents_short", ascending=False, kind="stable")
    yield of.say(
        "finding.requirements",
        all=len(verdicts),
        met=int((verdicts["verdict"] == "met").sum()),
        unmet=len(unmet),
        no_data=int((verdicts["verdict"] == "no_data").sum()),
        not_applicable=int((verdicts["verdict"] == "not_applicable").sum()),
    )
    if len(unmet):
        named = of.say("between").join(_short(of, row) for _, row in unmet.head(WORST_NAMED).iterrows())
        yield of.say("finding.worst", services=named)


def _short(of: Material, row: pd.Series) -> str:
    return of.say(
        "finding.short",
        service=row[of.both("service")],
        limit=shown_limit(row["limit_minutes"], row["limit_metres"], of.language),
        share=shown_share(row["residents_share"]),
        short=shown_count(row["residents_short"]),
    )


def _of_clauses(of: Material) -> Iterator[str]:
    clauses = of.tables["rules"]
    judged = clauses[clauses["verdict"] != ""]
    if len(judged):
        unmet = judged[judged["verdict"] == "unmet"]
        yield of.say(
            "finding.clauses",
            all=len(judged),
            met=int((judged["verdict"] == "met").sum()),
            unmet=len(unmet),
            mandatory=int((unmet["binding"] == "mandatory").sum()),
            no_data=int((judged["verdict"] == "no_data").sum()),
            not_applicable=int((judged["verdict"] == "not_applicable").sum()),
        )
        derived = int((~of.whole("verdicts")["requirement_id"].isin(clauses["rule_id"])).sum())
        if derived:
            yield of.say("finding.derived", count=derived)


def _of_gaps(of: Material) -> Iterator[str]:
    gaps, causes = of.tables["gap_list"], of.tables["gap_causes"]
    if not len(gaps):
        return
    first = gaps.iloc[0]
    yield of.say(
        "finding.gaps",
        count=len(gaps),
        name=first[of.both("gap_name")],
        residents=shown_count(first["residents"]),
        services=int(first["services_missing"]),
    )
    if len(causes):
        by_cause = causes.groupby("cause", sort=False)["residents"].sum().sort_values(ascending=False, kind="stable")
        total = float(by_cause.sum())
        if total > 0:
            main = str(by_cause.index[0])
            yield of.say("finding.cause", cause=of.cause(main), share=shown_share(float(by_cause.iloc[0]) / total))


def _of_plans(of: Material) -> Iterator[str]:
    for _, plan in of.tables["plan_quality"].iterrows():
        if pd.isna(plan["share_after"]) or plan["sites_chosen"] == 0:
            continue
        yield of.say(
            "finding.plan",
            plan=int(plan["plan"]),
            services=plan[of.both("service")],
            sites=int(plan["sites_chosen"]),
            gained=of.gained(plan),
            before=shown_share(plan["share_before"]),
            after=shown_share(plan["share_after"]),
        )


def _of_equity(of: Material) -> Iterator[str]:
    equity = of.tables["equity"]
    score = equity[(equity["scope"] == "study") & (equity["good"] == "score")] if len(equity) else equity
    if len(score) and pd.notna(score["gini"].iloc[0]):
        row = score.iloc[0]
        yield of.say(
            "finding.equity",
            gini=shown_as(row["gini"], "ratio"),
            mean=shown_as(row["good_mean"], "score"),
            worst=shown_as(row["worst_tenth_mean"], "score"),
        )


def _of_change(of: Material) -> Iterator[str]:
    if of.change is None:
        return
    found = of.change.figures
    required = found[(found["figure"] == "requirement") & (found["scope"] == "study")]
    change = required["value_change"]
    rises, falls = int((change >= LEAST_CHANGE).sum()), int((change <= -LEAST_CHANGE).sum())
    same = int((change.abs() < LEAST_CHANGE).sum())
    yield of.say(
        "finding.change",
        before=of.change.before.said(of.language),
        all=len(required),
        rises=rises,
        falls=falls,
        same=same,
    )


def _counted_verdicts(rows: pd.DataFrame) -> tuple[str, ...]:
    """Return the verdicts to count: all, and what does not apply where there is any."""
    always = ("met", "unmet", "no_data")
    return (*always, "not_applicable") if (rows["verdict"] == "not_applicable").any() else always


def _counted(number: int) -> Cell:
    return Cell(shown_count(number), float(number))
