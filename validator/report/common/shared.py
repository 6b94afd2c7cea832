"""A report that leaves the department: staff's names are hidden, everything else is the report itself."""

from functools import cached_property
from typing import Any

import polars as pl

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
        cases = self._report.cases
        return cases.with_columns(
            pl.Series(name, [shown[each] for each in names], dtype=pl.String)
            for name in ("physician", "coder")
            for names in (cases[name].to_list(),)
            for shown in (staff(names),)
        )
