"""From settings to a study: all faults of all files in one report, the streets as the walker finds them, places joined to them."""

from livingcircle.loading.study import load_study, with_placed

__all__ = ["load_study", "with_placed"]
