"""Whose case a finding belongs to, joined to the findings."""

import polars as pl

from validator.report.common.view import ReportView

#: Columns that name a case besides its id.
NAMES = ("record_number", "department", "physician", "coder")


class People:
    """Names the cases of findings; an id that several cases carry names none of them."""

    def __init__(self, report: ReportView) -> None:
        cases = report.cases.with_columns(department=pl.coalesce("department_name", "department"))
        self._of = (
            cases.filter(pl.col("case_id").is_not_null())
            .group_by("case_id")
            .agg(pl.when(pl.col(name).n_unique() == 1).then(pl.col(name).first()).alias(name) for name in NAMES)
        )

    def named(self, part: pl.DataFrame) -> pl.DataFrame:
        """``part`` with the columns :data:`NAMES`."""
        return part.join(self._of, on="case_id", how="left", maintain_order="left")
