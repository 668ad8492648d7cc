"""The checklist as a table: what only people can answer, what they answered, and what is still open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from livingcircle.model.study import Study
from livingcircle.render.checklist import answers_said, question_said, rows_of
from livingcircle.render.clauses import basis_of
from livingcircle.render.tables.lookup import unit_columns
from livingcircle.render.words import LANGUAGES, say_code

_TOLD = ("told_by", "told_on", "remark")


def checklist(study: Study) -> pd.DataFrame:
    """Return every question the standard leaves to people, in each unit it is asked of, with its answer; "" where none was given."""
    standard = study.standard
    rows = rows_of(standard, study.districts, study.answers)
    names = {service.id: service.name for service in standard.services}
    said = {one: answers_said(standard, study.answers, one) for one in LANGUAGES}
    told = [said["zh"].get((row.rule.id, row.unit), {}) for row in rows]
    services = {
        f"service_{one}": [
            names[row.rule.service].said(one)
            if row.rule.service in names
            else say_code("rule_service", row.rule.service, one)
            for row in rows
        ]
        for one in LANGUAGES
    }
    return pd.DataFrame(
        {
            "rule_id": [row.rule.id for row in rows],
            "basis": [basis_of(row.rule) for row in rows],
            **services,
            **unit_columns(study, np.array([row.unit for row in rows], np.int32)),
            **{f"question_{one}": [question_said(row.rule, one) for row in rows] for one in LANGUAGES},
            "answered": np.array([bool(one.get("answer")) for one in told], bool),
            **{
                f"answer_{one}": [said[one].get((row.rule.id, row.unit), {}).get("answer", "") for row in rows]
                for one in LANGUAGES
            },
            **{name: [one.get(name, "") for one in told] for name in _TOLD},
        }
    )
