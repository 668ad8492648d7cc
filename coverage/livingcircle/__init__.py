"""Living Circle: the desk on which a city plans its 15-minute living circle (15分钟生活圈).

The verbs are in `livingcircle.cases`; importing this package loads nothing else.
"""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Give `__version__` when asked, so that importing the package reads no metadata."""
    if name == "__version__":
        from importlib.metadata import version

        return version("living-circle")
    message = f"module 'livingcircle' has no attribute {name!r}"
    raise AttributeError(message)
