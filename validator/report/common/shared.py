"""A report that leaves the department: staff's names are hidden, everything else is the report itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from validator.base.lazy import pl
from validator.base.masking import staff
from validator.report.common.view import ReportView


class Shared:
    """A view of a report in which physicians and coders are not named."""

    def __init__(self, report: ReportView) -> None:
        self._report = report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._report, name)

    @cached_property
    def cases(self) -> pl.DataFrame:
        """The cases with staff's names hidden; persons stay apart from each other."""
        return self._without_staff(self._report.cases)

    def iter_cases(self) -> Iterator[pl.DataFrame]:
        """The same part by part."""
        return map(self._without_staff, self._report.iter_cases())

    def _without_staff(self, cases: pl.DataFrame) -> pl.DataFrame:
        return cases.with_columns(pl.col(name).replace(self._hidden[name]) for name in ("physician", "coder"))

    def case_rows(self, *, faulty: bool = False) -> Iterator[dict[str, Any]]:
        """The same as plain rows."""
        for case in self._report.case_rows(faulty=faulty):
            yield case | {name: self._hidden[name].get(case[name], case[name]) for name in ("physician", "coder")}

    @cached_property
    def excess(self) -> pl.DataFrame:
        """What was charged too much, the physicians named as in the cases."""
        return self._report.excess.with_columns(pl.col("physician").replace(self._hidden["physician"]))

    @cached_property
    def _hidden(self) -> dict[str, dict[str, str]]:
        """Role -> name -> what is shown in its place."""
        charged = self._report.excess["physician"].to_list() if self._report.charges else []
        names = {role: list(self._report.count_cases(role)) for role in ("physician", "coder")}
        names["physician"] += charged
        return {
            role: {name: text for name, text in staff(every).items() if name and text} for role, every in names.items()
        }
