"""Expressions of rule pages, facts, layouts and profiles as they are written; what they mean is for ``checks.language``."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sql:
    """One expression as written, and where, so that every complaint can name the line."""

    text: str
    path: Path
    line: int | None
