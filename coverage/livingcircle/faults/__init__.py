"""Every fault an input can have, in words: what is wrong and what to do about it.

A fault is data (kind, file, row, column, value); its sentence is looked up here in Chinese or English, so that the same fault reads the
same in the terminal, on the page and in the report. These words live at the bottom of the house, beside the errors, because an exception
must be able to speak for itself; all other words are in `livingcircle.render.words`.
"""

from livingcircle.faults.fault import FAULT_KINDS, Detail, Fault, Language, several
from livingcircle.faults.filling import filled
from livingcircle.faults.kind import FaultKind, Severity
from livingcircle.faults.unreadable import reasons, unreadable

__all__ = [
    "FAULT_KINDS",
    "Detail",
    "Fault",
    "FaultKind",
    "Language",
    "Severity",
    "filled",
    "reasons",
    "several",
    "unreadable",
]
