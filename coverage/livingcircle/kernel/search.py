"""Shortest walks from junction to junction; `kernel.reach` turns them into walks from door to door."""

from __future__ import annotations

from livingcircle.kernel.fallback import nearest, rows

__all__ = ["nearest", "rows"]
