"""The small town with a standard of clauses and verdicts written by hand: one clause of every fate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livingcircle.model.register import Answers
from livingcircle.model.rule import Inconsistency, Rule
from livingcircle.model.standard import Citation, ServiceSystem, ServiceType, Words
from livingcircle.model.verdict import RuleVerdicts
from small_town import objects

NAN = np.nan
SEEN, RECALLED = "read_in_full", "recall_unverified"


def cited(clause, quote, verification, document="HN14"):
    return Citation(document, "城乡社区服务体系建设规划", clause, quote, verification)


RULES = (
    Rule("R-floor", "clinic", "floor_m2_per_100_households", ">=", cited("一(二)", "每百户不低于30平方米", SEEN),
         value=30.0, unit_as_printed="平方米/百户", level="community", statistic="aggregate", dispute="D1"),
    Rule("R-floor-lead", "clinic", "floor_m2_per_1000_residents", ">=", cited("导语", "每百名居民43平方米", "news_match"),
         value=430.0, level="community", statistic="aggregate", binding="advisory", dispute="D1"),
    Rule("R-walk", "kindergarten", "walk_metres", "<=", cited("附录C", "服务半径不宜大于300m", RECALLED, "GB50180"),
         value=300.0, level="5min", measure="radius"),
    Rule("R-share", "canteen", "share_of_units_with", "=", cited("二", "覆盖率100%", SEEN), value=1.0, level="community"),
    Rule("R-there", "clinic", "presence", ">=", cited("三", "每个社区设一处", SEEN), value=1.0, level="community"),
    Rule("R-ask", "clinic", "checklist", "require", cited("五", "不得挪作他用", SEEN), level="all",
         note=Words("用房不得挪作他用；由主管部门答复。", "Rooms may not be put to other uses; the authority answers.")),
    Rule("R-register", "kindergarten", "register_share", ">=", cited("六", "覆盖率达到85%", SEEN), value=0.85,
         level="community", binding="target", note=Words("有证教师 ÷ 全部教师。", "Teachers with a licence ÷ all.")),
    Rule("R-beds", "shelter", "beds", "between", cited("七", "10~20床", RECALLED), value=10.0, value_max=20.0),
)  # fmt: skip
SHELTER = ServiceType("shelter", Words("救助站", "Shelter"), (), privacy="aggregate", system="relief")
DISPUTES = (
    Inconsistency("D1", ("HN14",), Words("面积指标的分母", "Unit of the area target"), Words("两处不一", "Two places differ"),
                  Words("按每百户判定", "Judged per 100 households")),
)  # fmt: skip
WHOLE = -1
#        rule unit verdict          value  threshold margin supply demand shortfall radius reason                          evidence
ROWS = (
    (0, 0, "unmet", 20.0, 30.0, -10.0, 40.0, 200.0, 20.0, NAN, "", (0,)),
    (0, 1, "no_data", NAN, 30.0, NAN, NAN, 300.0, NAN, NAN, "missing:floor_m2", (1,)),
    (0, WHOLE, "unmet", 20.0, 30.0, -10.0, 40.0, 200.0, 20.4, NAN, "", (0, 1)),
    (1, WHOLE, "unmet", 150.0, 430.0, -280.0, NAN, NAN, 1400.0, NAN, "", ()),
    (2, 0, "met", 250.0, 300.0, 50.0, NAN, NAN, 0.0, 200.0, "circle:5min=community", ()),
    (2, WHOLE, "unmet", 412.0, 300.0, -112.0, NAN, NAN, 0.3, 350.0, "", ()),
    (3, WHOLE, "unmet", 0.9996, 1.0, -0.0004, 1.0, 2.0, 1.0, NAN, "", ()),
    (4, WHOLE, "met", 2.0, 1.0, 1.0, NAN, NAN, 0.0, NAN, "", (0, 1)),
    (5, WHOLE, "no_data", NAN, 1.0, NAN, NAN, NAN, NAN, NAN, "ask:checklist", ()),
    (6, 0, "met", 0.9, 0.85, 0.05, NAN, NAN, 0.0, NAN, "told", ()),
    (6, WHOLE, "not_applicable", NAN, NAN, NAN, NAN, NAN, NAN, NAN, "exempt", ()),
    (7, 1, "unmet", 4.0, 10.0, -6.0, NAN, NAN, 6.0, NAN, "", (2,)),
    (7, WHOLE, "no_data", NAN, 10.0, NAN, NAN, NAN, NAN, NAN, "condition:rural;missing:beds", ()),
)  # fmt: skip


def verdicts_by_hand(rows=ROWS):
    rule, unit, verdict, *numbers, reason, evidence = zip(*rows, strict=True)
    names = ("value", "threshold", "margin", "supply", "demand", "shortfall", "radius_value")
    return RuleVerdicts(
        rule=np.array(rule, np.int32),
        unit=np.array(unit, np.int32),
        verdict=objects(verdict),
        **{name: np.array(column, float) for name, column in zip(names, numbers, strict=True)},
        reason=objects(reason),
        evidence_indptr=np.concatenate([[0], np.cumsum([len(places) for places in evidence])]).astype(np.int32),
        evidence=np.array([place for places in evidence for place in places], np.int32),
    )


def clause_town(town):
    """Return the town's results with clauses: facility 2 is a shelter alone, which may not be shown as a point."""
    study = town.study
    services = (*(replace(service, system="care") for service in study.standard.services), SHELTER)
    serves = np.column_stack([study.facilities.serves, np.zeros(len(study.facilities), bool)])
    serves[2] = [False, False, False, True]
    standard = replace(
        study.standard,
        services=services,
        rules=RULES,
        inconsistencies=DISPUTES,
        systems=(
            ServiceSystem("care", Words("卫生与养老", "Health and care")),
            ServiceSystem("relief", Words("救助", "Relief")),
        ),
    )
    told = Answers(
        np.array([6, 6], np.int32), np.array([0, WHOLE], np.int32), np.array([0.9, NAN]), np.array([False, True]),
        objects(["王", ""]), objects(["2026-03-01", ""]), objects(["=1+1", ""]),
    )  # fmt: skip
    reach = town.assessment.reach
    grown = {
        name: np.concatenate([getattr(reach, name), getattr(reach, name)[-1:]])
        for name in ("seconds", "facility", "node_seconds", "node_facility")
    }
    return replace(
        town,
        study=replace(study, standard=standard, facilities=replace(study.facilities, serves=serves), answers=told),
        assessment=replace(town.assessment, reach=replace(reach, **grown), rule_verdicts=verdicts_by_hand()),
    )
