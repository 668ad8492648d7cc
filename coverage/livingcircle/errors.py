"""The errors Living Circle raises on purpose.

```
LivingCircleError
├── InputError      files that cannot be used; carries every fault of every file
├── SettingsError   a study file or standard that cannot be understood; carries every fault in it
├── NetworkError    a walking network that breaks what the kernel relies on
└── SitingError     a siting task without a feasible plan
```

Anything else that escapes is a defect of the program.
"""

from __future__ import annotations

from collections.abc import Iterable

from livingcircle.faults import Fault, Language


class LivingCircleError(Exception):
    """A problem the user can act on; `faults` holds every one that was found, in the order of the files.

    `warnings` are what else was found in the same files, warnings and notes: a check shows them beside the faults.
    """

    def __init__(self, faults: Iterable[Fault] | Fault, warnings: Iterable[Fault] = ()) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.warnings: tuple[Fault, ...] = tuple(warnings)
        super().__init__("\n".join(fault.sentence("en") for fault in self.faults))

    def report(self, language: Language = "en") -> str:
        """Return all faults, one line each."""
        return "\n".join(fault.sentence(language) for fault in self.faults)


class InputError(LivingCircleError):
    """Input files hold faults; nothing was computed and nothing was written."""


class SettingsError(LivingCircleError):
    """The study file or a standard is wrong."""


class NetworkError(LivingCircleError):
    """There is no walking network to work on."""


class SitingError(LivingCircleError):
    """No feasible plan exists for the siting task."""
