"""The small town, built once for all tests of the output."""

from __future__ import annotations

import pytest

from livingcircle.model.results import Results
from small_town import build_town


@pytest.fixture(scope="session")
def town() -> Results:
    return build_town()
