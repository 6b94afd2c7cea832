"""One fact, and one rule or conditional requirement, ready to compute by Polars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from validator.base.lazy import pl
from validator.checks.cell_typing import text_column
from validator.checks.language import Expression, Kind
from validator.checks.typing import in_years, is_blank
from validator.spec import functions
from validator.spec.catalogue import Check
from validator.spec.facts import Fact


@dataclass(frozen=True)
class NeedStep:
    """A table that cases must have: those for which ``when`` holds, all where it is None."""

    table: str
    when: Expression | None

    @cached_property
    def cases(self) -> pl.Expr:
        """Which cases must have it; where that is unknown it is better asked for."""
        return pl.lit(True) if self.when is None else self.when.columns().fill_null(True)


@dataclass(frozen=True)
class FactStep:
    """One fact ready to compute: from ``value`` of the rows ``where`` holds, or from ``columns`` by call or lookup."""

    fact: Fact
    kind: Kind
    value: Expression | None = None
    where: Expression | None = None
    columns: tuple[str, ...] = ()  #: of ``call``, ``lookup`` or ``coded``; of an aggregate with ``per``, these
    factors: tuple[int, ...] = ()  #: what brings the numbers of a call to the digits in which its function takes them

    @property
    def reads(self) -> tuple[str, ...]:
        """All columns that the fact needs."""
        return (*self.columns, *(self.value.reads if self.value else ()), *(self.where.reads if self.where else ()))

    @cached_property
    def expr(self) -> pl.Expr:
        """A fact of each row, under its name."""
        if self.value:
            return self.value.columns().alias(self.fact.name)
        if self.fact.coded:
            return pl.col(f"{self.fact.coded['give']}:{self.columns[0]}").alias(self.fact.name)
        function = functions.BY_NAME[self.fact.call[0]].of
        if self.factors:
            given = (pl.col(name).cast(pl.Int128) * by for name, by in zip(self.columns, self.factors, strict=True))
            return function(*given).cast(pl.Int64).alias(self.fact.name)
        found = function(*map(pl.col, self.columns))
        return (in_years(found) if self.kind.name == "day" else found).alias(self.fact.name)

    @cached_property
    def parts(self) -> list[pl.Expr]:
        """What an aggregate is collected from, row by row: the value (``name=``) and the condition (``name?``).

        Of a sum: what the row adds, and whether that is unknown.
        """
        assert self.value
        name, value = self.fact.name, self.value.columns()
        where = self.where.columns() if self.where else None
        if self.fact.shape in ("any", "count"):
            return [(value if where is None else value & where).alias(f"{name}=")]
        if self.fact.shape == "sum":
            adds = value if where is None else pl.when(where).then(value)
            unsure = value.is_null() if where is None else where.is_null() | (where & value.is_null())
            return [adds.fill_null(0).alias(f"{name}="), unsure.alias(f"{name}?")]
        return [value.alias(f"{name}="), *([] if where is None else [where.alias(f"{name}?")])]


@dataclass(frozen=True)
class RuleStep:
    """One rule or conditional requirement ready to compute; ``expect`` is None for the shapes that look across rows."""

    check: Check
    when: Expression | None
    expect: Expression | None
    #: ``quantity`` and ``amount`` that a failing row charges too much; empty where the rule is not about that
    excess: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def demands(self) -> str:
        """The field that must be filled, where this is a conditional requirement; blank for a rule."""
        return "" if self.check.rule else self.check.field

    @property
    def across(self) -> bool:
        """Whether the rule looks at several rows together."""
        return self.check.rule is not None and self.expect is None

    @cached_property
    def concerns(self) -> pl.Expr | None:
        """Which rows the rule is about; None = all."""
        return self.when.columns() if self.when else None

    @cached_property
    def holds(self) -> pl.Expr:
        """What should be true of those rows; for a rule that looks across rows, that the codes to compare are there."""
        if self.expect:
            return self.expect.columns()
        if self.check.rule:
            return pl.all_horizontal(pl.col(name).is_not_null() for name in self.keys)
        assert self.check.row
        there = pl.col(text_column(self.check.row)).is_not_null()
        return pl.when(there | is_blank(self.check.row)).then(there)  # a placeholder is another check's business

    @cached_property
    def exprs(self) -> list[pl.Expr]:
        """What should be true (``id=``) and, where there is a condition, which rows it is about (``id?``)."""
        holds = [self.holds.alias(f"{self.check.id}=")]
        return holds if self.concerns is None else [*holds, self.concerns.alias(f"{self.check.id}?")]

    @property
    def excess_reads(self) -> tuple[str, ...]:
        """The columns that say how much is too much."""
        return tuple(name for each in self.excess.values() for name in each.reads)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that a rule across rows compares."""
        spec = self.check.rule.spec if self.check.rule else {}
        return (*spec.get("keys", ()), *(spec[key] for key in ("code", "same") if key in spec))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """All columns that decide the outcome."""
        return (*(self.when.reads if self.when else ()), *(self.expect.reads if self.expect else ()), *self.keys)
