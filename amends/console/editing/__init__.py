"""The editor of flows: the overview, the forms, and the YAML behind them."""

from amends.console.editing.views import Editing

__all__ = ["Editing"]
