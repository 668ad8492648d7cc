"""The verbs: what the command, the page and the batch can ask, each one function.

```
new        which files does a study need?
check      are the files of a study fit for use?
assess     who can walk where, and what does the standard say to that?
access     how much is there for people, for whom, and how evenly?
intervals  how far do the figures move when what was assumed does?
trace      where do the areas within 5, 10, 15 minutes lie, and where the gaps?
explain    how does one walk from this home to that service, and what makes it take its time?
what_if    what would it change if something came, moved or went?
diagnose   why are people left out, and what would bring them in at the least cost?
propose    where should the next ones go, and how good is that proven to be? (`plan_again`: and if it were asked otherwise?)
answer     all of them in one record
run        the same, written into one folder
report     the same, with a report in Word, as PDF and as a page
```
"""

from livingcircle.cases.answering import (
    access,
    answer,
    around_facilities,
    assess,
    diagnose,
    intervals,
    load,
    plan_again,
    propose,
    service_asked,
    trace,
)
from livingcircle.cases.asking import explain, what_if, write_route, write_scenarios
from livingcircle.cases.preparing import (
    Checklist,
    Fixed,
    check,
    copy_sample,
    new_study,
    write_check,
    write_checklist,
    write_fixed,
)
from livingcircle.cases.running import Run, report, run, write_areas

__all__ = [
    "Checklist",
    "Fixed",
    "Run",
    "access",
    "answer",
    "around_facilities",
    "assess",
    "check",
    "copy_sample",
    "diagnose",
    "explain",
    "intervals",
    "load",
    "new_study",
    "plan_again",
    "propose",
    "report",
    "run",
    "service_asked",
    "trace",
    "what_if",
    "write_areas",
    "write_check",
    "write_checklist",
    "write_fixed",
    "write_route",
    "write_scenarios",
]
