"""The small town, built once for all tests of the output."""

from __future__ import annotations

import pytest
from small_town import Town, build_town


@pytest.fixture(scope="session")
def town() -> Town:
    return build_town()
