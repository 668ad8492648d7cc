"""What people tell of clauses that no map can answer: figures of registers, and answers on the checklist.

Community correction and drug rehabilitation are told of here by community, as yes or no, and are nowhere a point.
"""

from __future__ import annotations

from dataclasses import dataclass

from people import COMMUNITIES


@dataclass(frozen=True)
class Answer:
    """The answer to a clause in one community, or in the whole sub-district where no community is named."""

    rule: str
    district: str
    told: str
    remark: str = ""


VOLUNTEERS = {1: 816, 2: 792, 3: 585, 4: 770, 5: 744, 6: 759, 7: 512, 8: 720, 9: 770}
"""Registered volunteers: 9 % of the residents of 石桥 (3), 8 % of those of 北岸 (7), 11 or 12 % elsewhere."""
SATISFIED = {1: 86, 2: 91, 3: 74, 4: 70, 5: 83, 6: 88, 7: 79, 8: 92, 9: 77}
"""Percent of those asked who are satisfied: in 南营 (4) just 70, and more than 70 is asked for."""
ORGANISATIONS = {1: 2, 2: 3, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 3, 9: 1}
"""Civic groups: 槐荫 (9) has one of the two asked for."""
ACTIVITY_PERCENT = {number: 50 if number == 6 else 65 for number in range(1, 10)}
"""Percent of the floor of a station that residents use: in 新集 (6) 50."""


def _by_community() -> list[Answer]:
    answers = []
    for one in COMMUNITIES:
        told = {
            "SD12-10": f"{100 * VOLUNTEERS[one.number] / one.residents:g}%",
            "JS07-11": f"{100 * VOLUNTEERS[one.number] / one.residents:g}%",
            "NT09-04": f"{SATISFIED[one.number]}%",
            "JS07-10": str(ORGANISATIONS[one.number]),
            "HN14-06": f"{ACTIVITY_PERCENT[one.number]}%",
            "WZ22-02": f"{ACTIVITY_PERCENT[one.number]}%",
            "HN14-10": "24",
            "HN14-N10": "是",
            "SD12-N09": "是",
            "SD12-N20": "是",
        }
        remarks = {"HN14-N10": "由街道统一开展，不公布地点", "SD12-N09": "由街道统一开展，不公布地点"}
        remarks |= dict.fromkeys(("SD12-10", "JS07-11"), f"注册志愿者 {VOLUNTEERS[one.number]} 人")
        answers += [Answer(rule, one.code, cell, remarks.get(rule, "")) for rule, cell in told.items()]
    return answers


REGISTERS = (
    *_by_community(),
    Answer("SD12-08", "", "88.9%", "9 个社区中有 8 个"),
    Answer("SD12-18", "", "100%"),
    Answer("HN14-05", "", "100%"),
    Answer("HN14-13", "", "100%"),
    Answer("HN14-14", "", "100%"),
    Answer("HN14-15", "", "100%"),
    Answer("HN14-26", "", "95%", "200 项服务中有 190 项"),
    Answer("JS07-05", "", "96%"),
    Answer("JS07-06", "", "52%"),
    Answer("JS07-07", "", "91%", "60 岁以上 11,720 人，建档 10,665 人"),
    Answer("JS07-12", "", "83%"),
)
CHECKLIST = (
    Answer("HN14-22", "", "是", "大厅保留人工窗口"),
    Answer("SD12-15", "", "是"),
    *(
        Answer("JS07-19", one.code, "否" if one.number == 2 else "是", "一间用房出租" if one.number == 2 else "")
        for one in COMMUNITIES
    ),
)
