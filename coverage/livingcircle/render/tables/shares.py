"""Who is covered, by service, limit, district and age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from livingcircle.kernel.totals import rolled_up
from livingcircle.model.outcome import Assessment
from livingcircle.model.study import Study
from livingcircle.render.tables.lookup import limit_columns, place_columns, present, service_columns, unit_columns


def coverage(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Coverage per service, limit and district. What is covered is empty for a service without any known facility."""
    table = assessment.coverage
    known = present(study)[table.service]
    columns = {
        **unit_columns(study, table.district),
        **service_columns(study, table.service),
        **limit_columns(study, table.service, table.limit_seconds),
        "facilities": study.facilities.serves.sum(axis=0)[table.service],
    }
    for name in ("residents", "households", "homes"):
        columns[name] = getattr(table, name)
        columns[f"{name}_covered"] = np.where(known, getattr(table, f"{name}_covered"), np.nan)
        columns[f"{name}_share"] = np.where(known, table.share(name), np.nan)
    columns["residents_unjoined"] = table.residents_unjoined
    columns["residents_uncertain"] = np.where(known, table.residents_uncertain, np.nan)
    columns["residents_share_highest"] = np.where(known, table.highest_share(), np.nan)
    cautious = assessment.cautious
    unknown = np.full(len(table), np.nan)
    columns["residents_covered_one_gate"] = (
        unknown if cautious is None else np.where(known, cautious.residents_covered, np.nan)
    )
    columns["residents_share_one_gate"] = unknown if cautious is None else np.where(known, cautious.share(), np.nan)
    return pd.DataFrame(columns)


def coverage_by_age(study: Study, assessment: Assessment) -> pd.DataFrame:
    """Coverage per service, limit, district and age group, as in `coverage`; no rows where no ages are known."""
    table = assessment.by_age
    known = present(study)[table.service]
    return pd.DataFrame(
        {
            **unit_columns(study, table.district),
            **service_columns(study, table.service),
            **limit_columns(study, table.service, table.limit_seconds),
            "age_group": [study.homes.age_groups[number] for number in table.age_group],
            "residents": table.residents,
            "residents_covered": np.where(known, table.residents_covered, np.nan),
            "residents_share": np.where(known, table.share(), np.nan),
        }
    )


def exchange(study: Study, assessment: Assessment) -> pd.DataFrame:
    """What crosses the lines between districts; no row for a service without any known facility."""
    table = assessment.exchange.take(present(study)[assessment.exchange.service])
    inhabited = study.homes.take(study.homes.district >= 0)
    own = np.bincount(inhabited.district, inhabited.residents, minlength=len(study.districts))
    residents = rolled_up(own, study.districts.parent)[table.district]
    shares = np.full(len(table), np.nan)
    np.divide(table.residents_by_own, residents, out=shares, where=residents > 0)
    return pd.DataFrame(
        {
            **place_columns(study, table.district),
            **service_columns(study, table.service),
            **limit_columns(study, table.service, table.limit_seconds),
            "residents": residents,
            "residents_by_own": table.residents_by_own,
            "share_by_own": shares,
            "residents_from_outside": table.residents_from_outside,
            "outsiders_served": table.outsiders_served,
        }
    )
