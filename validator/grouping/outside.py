"""Cases that a region pays for apart: by the conditions of its profile they take no part in grouping."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from validator.base.errors import ConfigError
from validator.checks.language import Expression, UnknownNameError
from validator.checks.plan import Plan
from validator.spec.catalogue import Catalogue
from validator.spec.sql import Sql

#: Fields of a list that flat tables have too -> the column of cases.
_FLAT = {"hi_paymtd": "payment"}


@dataclass(frozen=True, eq=False)
class Outside:
    """The conditions of one profile, compiled for each interface of lists."""

    catalogue: Catalogue

    @cached_property
    def _conditions(self) -> dict[str, dict[str, Expression]]:
        """Interface -> reason -> its condition; without those that read what the interface lacks."""
        profile, found = self.catalogue.profile, dict[str, dict[str, Expression]]()
        for name, layout in self.catalogue.layouts.items():
            if layout.interface.document == "list":
                found[name] = {}
        for reason, text in profile.outside_grouping.items():
            if text:
                sql, missing = Sql(text, *profile.places["outside_grouping", reason]), None
                for name, conditions in found.items():
                    try:
                        conditions[reason] = self._compiled(name, sql)
                    except UnknownNameError as error:
                        missing = error.at(sql.path, sql.line, sql.text)
                if missing and not any(reason in conditions for conditions in found.values()):
                    raise missing
        return found

    def _compiled(self, interface: str, sql: Sql) -> Expression:
        layout = self.catalogue.layouts[interface]
        condition = Plan(self.catalogue, interface, [layout.case]).compile(sql, layout.case, "truth")
        if facts := [name for name in condition.reads if name not in layout.tables[layout.case].fields]:
            where = f"{sql.path}:{sql.line}"
            zh = f"{where}：outside_grouping 的条件只能用 {layout.case} 的字段，不能用 {facts[0]}"
            raise ConfigError(
                zh, f"{where}: a condition of outside_grouping reads fields of {layout.case}, not {facts[0]}"
            )
        return condition

    def reads(self, interface: str) -> set[str]:
        """The fields of the case's table that the conditions read."""
        conditions = self._conditions[self._own(interface)].values()
        return {name for condition in conditions for name in condition.reads}

    def _own(self, interface: str) -> str:
        """The interface of the list itself, where its charge lines are next to it."""
        return next(iter(self.catalogue.layouts[interface].parts), interface)

    def of_lists(self, interface: str, typed: pl.DataFrame) -> pl.Series:
        """Why each case of a typed table of lists is outside; null: it takes part."""
        return _reasons(self._conditions[self._own(interface)], typed)

    def of_flat(self, cases: pl.DataFrame) -> pl.Series:
        """The same for cases (``cases.FRAME``) of a flat table, by the conditions on what such a table has."""
        frame = cases.select(pl.col(column).alias(field) for field, column in _FLAT.items())
        return _reasons(next(iter(self._conditions.values()), {}), frame)


def _reasons(conditions: Mapping[str, Expression], frame: pl.DataFrame) -> pl.Series:
    found = pl.repeat(None, frame.height, dtype=pl.String, eager=True).alias("outside")
    for reason, condition in conditions.items():
        if set(condition.reads) <= set(frame.columns):
            holds = frame.select(condition.columns().fill_null(value=False)).to_series()
            found = found.set(holds & found.is_null(), reason)
    return found
