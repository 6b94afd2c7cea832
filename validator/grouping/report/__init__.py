"""The grouping-rate report: figures and corrections of grouped data, as a page and a workbook in one folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from validator.base import clock, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.grouping import corrections, doubts
from validator.grouping import rate as figures
from validator.grouping.corrections import CORRECTIONS
from validator.grouping.doubts import DOUBTS, Ratios
from validator.grouping.grouper import Batch, Grouper
from validator.grouping.rate import Rate
from validator.grouping.report import names
from validator.grouping.scheme import DrgScheme

if TYPE_CHECKING:
    from validator.api import Report as CheckReport

#: What the files are called.
FILES = ("grouping.html", "grouping.xlsx")


@dataclass(frozen=True)
class GroupingReport:
    """The content of the page and the workbook."""

    inputs: Sequence[str]
    schemes: Sequence[str]
    profile: str
    started: datetime
    rate: Rate
    corrections: pl.DataFrame  #: ``corrections.CORRECTIONS``
    doubts: pl.DataFrame  #: ``doubts.DOUBTS``
    names: Mapping[str, str]  #: of groups
    checks: Mapping[str, tuple[str, str]]  #: blocking check -> its title in Chinese and English
    is_dip: bool
    people: pl.DataFrame  #: of each case: record, department, physician, coder
    masked: bool  #: staff's names are hidden
    judged: bool  #: whether findings of a check run were taken in


class ReportBuilder:
    """Takes batch after batch of a run, and makes the report in the end."""

    def __init__(self, grouper: Grouper) -> None:
        self.grouper, self.started = grouper, clock.now()
        self._results: list[pl.DataFrame] = []
        self._corrections = [pl.DataFrame(schema=CORRECTIONS)]
        self._doubts = [pl.DataFrame(schema=DOUBTS)]
        numbers, usual = grouper.catalogue.profile.parameters, Ratios()
        self._ratios = Ratios(numbers.get("group_cost_high", usual.high), numbers.get("group_cost_low", usual.low))
        self._context: list[pl.DataFrame] = []
        self._first = 0

    def add(self, batch: Batch) -> None:
        """Take in some cases."""
        self._results.append(batch.result.select("case_id", "status", "reason"))
        evidence = batch.cases.evidence
        self._context.append(evidence.context if evidence else names.nobody(batch.result.height))
        for version, rows in self.grouper.by_version(batch):
            scheme = self.grouper.scheme(version)
            if isinstance(scheme, DrgScheme):
                cases, result = batch.cases.take(rows), batch.result[rows]
                found = corrections.find(scheme, cases, result, self.grouper.sources(version))
                doubted = doubts.find(scheme, cases, result, self._ratios)
                for taken, part in ((self._corrections, found), (self._doubts, doubted)):
                    place = rows.gather(part["case"]) + self._first
                    taken.append(part.with_columns(case=place.cast(pl.UInt32)))
        self._first += batch.result.height

    def report(
        self, inputs: Sequence[str], findings: "CheckReport | None" = None, *, masked: bool = True
    ) -> GroupingReport:
        """The report; with ``findings`` of a check run of the same cases, those that block grouping are counted."""
        result = pl.concat(self._results) if self._results else pl.DataFrame(schema=_RESULT)
        corrections = pl.concat(self._corrections)
        context = pl.concat(self._context) if self._context else names.nobody(0)
        is_dip = self.grouper.is_dip
        blocking, titles = _blocking(findings, "dip" if is_dip else "drg") if findings else (None, {})
        schemes = [self.grouper.scheme(version) for version in self.grouper.used]
        return GroupingReport(
            inputs=[str(each) for each in inputs],
            schemes=[version.version for version in self.grouper.used],
            profile=self.grouper.catalogue.profile.name,
            started=self.started,
            rate=figures.figures(result, corrections, names.keys(context), blocking),
            corrections=corrections,
            doubts=pl.concat(self._doubts),
            names={code: name for each in schemes if isinstance(each, DrgScheme) for code, name in each.names.items()},
            checks=titles,
            is_dip=is_dip,
            people=names.of_cases(context, masked=masked),
            masked=masked,
            judged=findings is not None,
        )


_RESULT = {"case_id": pl.String, "status": pl.String, "reason": pl.String}


def _blocking(report: "CheckReport", group: str) -> tuple[pl.DataFrame, dict[str, tuple[str, str]]]:
    """The findings of checks that block grouping (``case_id, check``), and what those checks are called."""
    checks = {name: each for name, each in report.checks.items() if group in each.blocks}
    wanted = pl.Series(list(checks), dtype=pl.String).implode()
    parts = [
        part.filter(pl.col("check").is_in(wanted)).select("case_id", "check").unique()
        for part in report.iter_findings()
    ]
    titles = {name: (each.title("zh"), each.title("en")) for name, each in checks.items()}
    return pl.concat([pl.DataFrame(schema={"case_id": pl.String, "check": pl.String}), *parts]), titles


def write(report: GroupingReport, folder: Path, lang: Lang = "zh") -> list[Path]:
    """Write page and workbook (:data:`FILES`) into ``folder``; gives their paths."""
    from validator.grouping.report import html, xlsx

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with language.speaking(lang):
            return [html.write(report, folder / FILES[0]), xlsx.write(report, folder / FILES[1])]
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        where = error.filename or folder
        raise InputError(
            f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
        ) from error
