"""A report cut down to one of its inputs, for its annotated copy: what stands there, of both sides of a disagreement."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import PurePath
from typing import Any

import polars as pl

from validator.read.partition import Source
from validator.report.common.view import ReportView, RowsOfFrames


class OfInput(RowsOfFrames):
    """The findings in one input. Where a finding's other document is there, it stands there, the two values exchanged."""

    def __init__(self, report: ReportView, name: str) -> None:
        self._report, self.inputs = report, [name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._report, name)

    def _within(self, file: pl.Expr) -> pl.Expr:
        name = self.inputs[0]
        ends = tuple({f"{name}/", f"{name}\\", str(PurePath(name) / "x")[:-1]})
        return (file == name) | pl.any_horizontal(file.str.starts_with(end) for end in ends)

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings of the input."""
        for part in self._report.iter_findings():
            here = self._within(pl.col("source").struct.field("file"))
            there = self._within(pl.col("other_source").struct.field("file"))
            yield part.filter(here.fill_null(value=False))
            turned = part.filter(there.fill_null(value=False) & ~here.fill_null(value=False))
            if turned.height:
                yield turned.with_columns(
                    source="other_source", other_source="source", value="other_value", other_value="value"
                )

    @property
    def findings(self) -> pl.DataFrame:
        return pl.concat(self.iter_findings())

    @property
    def sources(self) -> Sequence[Source]:
        """The files and sheets of the input."""
        frame = pl.DataFrame({"file": [each.file for each in self._report.sources]}, schema={"file": pl.String})
        kept = frame.select(self._within(pl.col("file"))).to_series()
        return [each for each, keep in zip(self._report.sources, kept, strict=True) if keep]

    @cached_property
    def cases(self) -> pl.DataFrame:
        """The cases that are there; of a record or charge lines those of the lists that they go with."""
        own = self._report.cases.filter(self._within(pl.col("file")))
        if own.height:
            return own
        ids = self.findings["case_id"].unique().implode()
        files = [each.file for each in self.sources]
        return self._report.cases.filter(pl.col("case_id").is_in(ids)).with_columns(
            file=pl.lit(next(iter(files), None))
        )


def of_inputs(report: ReportView) -> list[OfInput]:
    """The report of each input by itself, or of each file of a folder; empty where no documents were compared."""
    if not report.joined:
        return []
    names = report.inputs if len(report.inputs) > 1 else list(dict.fromkeys(each.file for each in report.sources))
    return [OfInput(report, name) for name in names] if len(names) > 1 else []
