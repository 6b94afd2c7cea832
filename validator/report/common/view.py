"""What writers read of a report (``validator.api.Report``, which stands above them)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from validator.base.language import Lang
from validator.base.lazy import pl
from validator.read.partition import Source
from validator.spec.catalogue import Check


class ReportView(Protocol):
    """The result of a run."""

    profile: str
    lang: Lang
    started: datetime
    masked: bool  #: personal data are hidden
    fixed: Any  #: of :mod:`validator.fix`, where copies with the safe fixes were written
    ungrouped: Any  #: of :mod:`validator.grouping`, where a scheme is loaded
    verdict: Any  #: of :mod:`validator.gate`, where the batch was judged

    @property
    def without(self) -> list[str]:
        """The code tables that are not loaded although codes must be right by them."""
        ...

    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def sources(self) -> Sequence[Source]:
        """The files and sheets that rows came from."""
        ...

    @property
    def layouts(self) -> list[str]:
        """The interfaces that the data are of."""
        ...

    @property
    def checks(self) -> Mapping[str, Check]: ...
    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """What checks rest on, by name."""
        ...

    @property
    def joined(self) -> Mapping[str, int]:
        """By which key lists and case records were brought together, and how many stays."""
        ...

    @property
    def outcome_rows(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def outcomes(self) -> pl.DataFrame: ...
    @property
    def cases(self) -> pl.DataFrame: ...
    @property
    def excess(self) -> pl.DataFrame:
        """What was charged too much, by check, department and physician (``excess_sums.EXCESS``)."""
        ...

    @property
    def charges(self) -> bool:
        """Whether something was charged too much."""
        ...

    def case_rows(self, *, faulty: bool = False) -> Iterator[dict[str, Any]]:
        """The cases as plain rows; ``faulty``: only those in which something was found."""
        ...

    def count_cases(self, column: str) -> Mapping[str, int]:
        """Return how many cases have each value of a column."""
        ...

    def finding_rows(self) -> Iterator[dict[str, Any]]:
        """The findings as plain rows."""
        ...

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings part by part: there may be more than fit in memory."""
        ...

    def iter_cases(self) -> Iterator[pl.DataFrame]:
        """The cases part by part."""
        ...


class RowsOfFrames:
    """The findings, cases and outcomes as plain rows, of a view that has them as frames."""

    def finding_rows(self: ReportView) -> Iterator[dict[str, Any]]:
        """See :class:`ReportView`."""
        for part in self.iter_findings():
            yield from part.iter_rows(named=True)

    def iter_cases(self: ReportView) -> Iterator[pl.DataFrame]:
        """See :class:`ReportView`."""
        yield self.cases

    def case_rows(self: ReportView, *, faulty: bool = False) -> Iterator[dict[str, Any]]:
        """See :class:`ReportView`."""
        found = pl.any_horizontal(pl.col("errors", "warnings", "infos") > 0)
        for part in self.iter_cases():
            yield from (part.filter(found) if faulty else part).iter_rows(named=True)

    def count_cases(self: ReportView, column: str) -> dict[str, int]:
        """See :class:`ReportView`."""
        counts = Counter[str]()
        for part in self.iter_cases():
            counts.update(dict(part.group_by(column, maintain_order=True).len().iter_rows()))
        return counts

    @property
    def outcome_rows(self: ReportView) -> Sequence[Mapping[str, Any]]:
        """See :class:`ReportView`."""
        return self.outcomes.to_dicts()

    @property
    def charges(self: ReportView) -> bool:
        """See :class:`ReportView`."""
        return self.excess.height > 0
