"""Polars as ``pl`` and NumPy as ``np``, imported when first used: judging a single list needs neither, and importing takes longer.

Modules that take them from here postpone their annotations (``from __future__ import annotations``).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["np", "pl"]

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
else:

    class _Lazy:
        def __init__(self, name: str) -> None:
            self._module = name

        def __getattr__(self, name: str) -> Any:
            value = getattr(import_module(self._module), name)
            setattr(self, name, value)
            return value

    np, pl = _Lazy("numpy"), _Lazy("polars")
