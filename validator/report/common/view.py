"""What writers read of a report (``validator.api.Report``, which stands above them)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import polars as pl

from validator.base.language import Lang
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
    def outcomes(self) -> pl.DataFrame: ...
    @property
    def cases(self) -> pl.DataFrame: ...
    @property
    def excess(self) -> pl.DataFrame:
        """What was charged too much, by check, department and physician (``excess_sums.EXCESS``)."""
        ...

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings part by part: there may be more than fit in memory."""
        ...
