"""The rule language: SQL expressions of rule pages, facts, layouts and profiles, with one meaning in Polars and in Python.

Importing this loads neither Polars nor sqlglot: cached code needs neither.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from validator.checks.language.faults import LanguageError, UnknownNameError
from validator.checks.language.kinds import DAY, MOMENT, TEXT, TIME, TRUTH, Kind, number
from validator.checks.language.scope import Scope
from validator.checks.language.source import Function, load, module
from validator.checks.language.tree import Term

if TYPE_CHECKING:
    import polars as pl

    from validator.checks.language.reads import Guard, Implied

__all__ = [
    "DAY",
    "MOMENT",
    "TEXT",
    "TIME",
    "TRUTH",
    "Expression",
    "Function",
    "Kind",
    "LanguageError",
    "Scope",
    "UnknownNameError",
    "both",
    "compile_text",
    "load",
    "module",
    "names_in",
    "number",
]  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """One text, typed by a scope."""

    text: str
    tree: Term

    @property
    def kind(self) -> Kind:
        """What kind of value it has."""
        return self.tree.kind

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The names that it reads, in order of first use."""
        from validator.checks.language.reads import reads

        return reads(self.tree)

    @cached_property
    def guards(self) -> "tuple[Guard, ...]":
        """Parts of a condition that rule a row out by one value."""
        from validator.checks.language.reads import guards

        return guards(self.tree)

    @cached_property
    def implied(self) -> "dict[str, Implied]":
        """What follows for each name where the condition is true."""
        from validator.checks.language.reads import implied

        return implied(self.tree)

    def columns(self) -> "pl.Expr":
        """The Polars expression."""
        from validator.checks.language.columns import columns

        return columns(self.tree)


def compile_text(text: str, scope: Scope, wanted: str = "") -> Expression:
    """The expression of a text; :class:`LanguageError` says where and why it is refused.

    ``wanted`` is the kind that it must have (``truth`` for a condition); blank if any will do.
    """
    from validator.checks.language import trees
    from validator.checks.language.scope import typed

    tree = typed(trees.tree(text), scope)
    tree.must_be(*([wanted] if wanted else _RESULTS))
    return Expression(text, tree)


_RESULTS = ("text", "number", "day", "moment", "time", "truth")


def both(one: Expression, other: Expression) -> Expression:
    """The condition that two conditions hold."""
    from validator.checks.language.meanings import BY_NAME

    op = BY_NAME["and"]
    return Expression(f"({one.text}) AND ({other.text})", op.typed(Term(op, (one.tree, other.tree))))


def names_in(text: str) -> tuple[str, ...]:
    """The names that a text reads, before it is known whether there are any such."""
    from validator.checks.language import trees
    from validator.checks.language.reads import reads

    return reads(trees.tree(text))
