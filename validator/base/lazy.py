"""Polars as ``pl``, imported when it is first used: judging a single list needs none of it, and its import takes longer.

Modules that take ``pl`` from here postpone their annotations (``from __future__ import annotations``).
"""

from typing import TYPE_CHECKING, Any

__all__ = ["pl"]

if TYPE_CHECKING:
    import polars as pl
else:

    class _Polars:
        def __getattr__(self, name: str) -> Any:
            import polars  # noqa: ICN001 - the module itself

            value = getattr(polars, name)
            setattr(self, name, value)
            return value

    pl = _Polars()
