"""The public face: :func:`check` data, get a :class:`Report`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from validator.base import clock, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.base.lazy import pl
from validator.checks import catalogue as catalogues
from validator.checks.choice import CheckChoice, refuse_unknown
from validator.checks.rows import merged, start
from validator.checks.rows.merged import FewMerged
from validator.checks.rows.partition import FewResult
from validator.checks.running import plan_for, results
from validator.checks.tally import outcome
from validator.checks.totals import Whole
from validator.read.given import Given
from validator.read.inputs import named
from validator.read.partition import Partition, Source
from validator.report.common.view import RowsOfFrames
from validator.spec.catalogue import Catalogue, Check
from validator.spec.rule_pages import LEVELS, Level
from validator.spec.stages import at_stage

if TYPE_CHECKING:
    from validator.checks.batch import Merged
    from validator.checks.results import PartitionResult
    from validator.fix import Fixed, Fixes
    from validator.grouping.ungrouped import Ungrouped

__all__ = ["Report", "check", "load", "plan_for", "refuse_unknown", "run"]

Progress = Callable[[str, int, int], None]
#: Up to so many findings are worded once and kept, for the writers that go over them again.
_WORDED = 100_000


class Report(RowsOfFrames):
    """What a run found.

    ``findings``, ``outcomes`` and ``cases`` are Polars frames (columns: ``findings.SCHEMA``, ``case_rows.OUTCOMES``, ``CASES``);
    ``finding_rows``, ``outcome_rows`` and ``case_rows`` are the same as plain rows, for which a few cases need no Polars.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        lang: Lang,
        inputs: Sequence[str],
        *,
        masked: bool = True,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
    ) -> None:
        self.catalogue, self.lang, self.inputs = catalogue, lang, [*map(named, inputs)]
        self.profile = catalogue.profile.name
        self.masked = masked  #: personal data are hidden; staff's names too, in the formats that leave the department
        self.started = clock.now()
        self.fixed: Fixed | None = None  #: what became of the fixes, where copies were asked for
        self.ungrouped: Ungrouped | None = None  #: the cases without a group, where a scheme is loaded
        self.verdict: Any = None  #: a ``validator.gate.Verdict``, where the batch was judged
        left_out = (*ignore, *catalogue.profile.ignore)
        self.choice = CheckChoice(tuple(select), left_out)
        self._batch: FewMerged | Merged = FewMerged(catalogue, self.choice)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {level}s" for level, n in self.counts().items())
        return f"<Report of {self.cases.height} cases: {counts}>"

    def merge(self, result: PartitionResult | FewResult) -> None:
        """Take what a partition yielded; neither their order nor where each was checked makes a difference."""
        for name in ("findings", "cases", "outcomes", "excess", "outcome_rows"):
            self.__dict__.pop(name, None)
        with language.speaking(self.lang):
            few = isinstance(self._batch, FewMerged) and len(self._batch.results) < merged.MOST
            if few and isinstance(self._batch, FewMerged) and isinstance(result, FewResult):
                self._batch.merge(result)
            else:
                _merge(self._frames(), result)

    def _frames(self) -> Merged:
        """The results as frames; from here on they stay such."""
        if isinstance(self._batch, FewMerged):
            from validator.checks.batch import Merged

            few, self._batch = self._batch.results, Merged(self.catalogue, self.choice)
            for each in few:
                _merge(self._batch, each)
        return self._batch

    @property
    def checks(self) -> dict[str, Check]:
        """Every check of the interfaces that were met, by id."""
        return self._whole.checks

    @property
    def sources(self) -> list[Source]:
        """The files and sheets that rows came from."""
        return self._whole.sources

    @property
    def unread(self) -> dict[str, int]:
        """Table that was not read -> how many cases need it."""
        return self._whole.unread.tables()

    @property
    def joined(self) -> dict[str, int]:
        """By which key lists and case records were brought together, in words, and how many stays."""
        return dict(self._whole.joined)

    @property
    def layouts(self) -> list[str]:
        """The interfaces that the data are of, by name."""
        return sorted(self._whole.layouts)

    @property
    def headings(self) -> dict[str, str]:
        """Headings that were not recognised, and the field each may mean."""
        return self._whole.headings

    @property
    def _whole(self) -> Whole:
        with language.speaking(self.lang):
            return self._batch.whole

    @cached_property
    def findings(self) -> pl.DataFrame:
        """Every finding, worded (``findings.SCHEMA``)."""
        from validator.checks import findings

        return pl.concat([pl.DataFrame(schema=findings.SCHEMA), *self._worded()])

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings part by part, for writers that must not hold them all."""
        if sum(self.counts().values()) <= _WORDED:
            yield self.findings
        else:
            yield from self._worded()

    def finding_rows(self) -> Iterator[dict[str, Any]]:
        """The findings as plain rows."""
        if isinstance(self._batch, FewMerged):
            with language.speaking(self.lang):
                yield from list(self._batch.finding_rows())
            return
        yield from super().finding_rows()

    def case_rows(self, *, faulty: bool = False) -> Iterator[dict[str, Any]]:
        """The cases as plain rows; ``faulty``: only those in which something was found."""
        counts = [f"{level}s" for level in LEVELS]
        if isinstance(self._batch, FewMerged):
            with language.speaking(self.lang):
                rows = self._batch.case_rows()
            yield from (row for row in rows if not faulty or any(row[name] for name in counts))
            return
        yield from super().case_rows(faulty=faulty)

    def count_cases(self, column: str) -> dict[str, int]:
        """Return how many cases have each value of a column."""
        if isinstance(self._batch, FewMerged):
            return Counter(row[column] for row in self.case_rows())
        return super().count_cases(column)

    def _worded(self) -> Iterator[pl.DataFrame]:
        """The findings, so many together that wording each check once pays."""
        held = list[pl.DataFrame]()
        for part in self.iter_compact():
            held.append(part)
            if sum(each.height for each in held) >= _WORDED:
                yield self._render(held)
                held = []
        if held:
            yield self._render(held)

    def _render(self, parts: list[pl.DataFrame]) -> pl.DataFrame:
        from validator.checks import findings

        return findings.render(
            pl.concat(parts), self.checks, self.sources, self.lang, self.catalogue.personal, self.catalogue.case_tables
        )

    def fixes(self) -> pl.DataFrame:
        """The findings that know what to write instead (masked as all findings are)."""
        return self.findings.filter(pl.col("suggested").is_not_null())

    def compact(self) -> pl.DataFrame:
        """The findings before they are worded (``findings.COMPACT``)."""
        from validator.checks import findings

        return pl.concat([pl.DataFrame(schema=findings.COMPACT), *self.iter_compact()])

    def iter_compact(self) -> Iterator[pl.DataFrame]:
        """The same part by part, for readers that must not hold them all."""
        with language.speaking(self.lang):
            yield from self._frames().findings()

    def keyed(self) -> pl.DataFrame:
        """The rows that rules about the whole batch can judge: ``check``, ``_part``, ``_case`` (places of partition and case)."""
        return self._frames().keyed()

    @cached_property
    def cases(self) -> pl.DataFrame:
        """One row per case, with its counts of findings and what becomes of it (:data:`CASES`)."""
        return pl.concat(self.iter_cases())

    def iter_cases(self) -> Iterator[pl.DataFrame]:
        """The cases part by part, for writers that must not hold them all."""
        with language.speaking(self.lang):
            yield from self._frames().cases()

    @cached_property
    def excess(self) -> pl.DataFrame:
        """What was charged too much, by check, ordering department and physician (``excess_sums.EXCESS``)."""
        from validator.checks.excess_sums import summed

        names = self.catalogue.domains["dept"].names
        titles = {code: name[self.lang == "en"] for code, name in names.items()}
        return summed(self.iter_compact(), titles)

    @property
    def charges(self) -> bool:
        """Whether something was charged too much."""
        return self._batch.charges if isinstance(self._batch, FewMerged) else super().charges

    @cached_property
    def outcomes(self) -> pl.DataFrame:
        """Every check with its denominator (``case_rows.OUTCOMES``): nothing passes silently."""
        from validator.checks.case_rows import OUTCOMES

        return pl.DataFrame(self.outcome_rows, schema=OUTCOMES)

    @cached_property
    def outcome_rows(self) -> list[dict[str, Any]]:
        """The same as plain rows."""
        with language.speaking(self.lang):
            return [self._outcome(check) for check in self.checks.values() if not check.id.startswith("read/")]

    def _outcome(self, check: Check) -> dict[str, Any]:
        tally = self._batch.tally(check.id)
        reason = self._batch.reason(check, tally.unjudged if tally else 0)
        return outcome(check, tally, reason, self.unread.get(check.table, 0))

    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """What the checks rest on, by name."""
        return self.catalogue.documents

    @property
    def without(self) -> list[str]:
        """The code tables that are not loaded although codes must be right by them, by name."""
        rows = [each.row for each in self.checks.values() if each.aspect == "not_in_table" and each.level == "error"]
        patterns, known = self.catalogue.patterns, self.catalogue.judge.tables
        return sorted({patterns[row.pattern].forms[0].table for row in rows if row} - known)

    def counts(self) -> dict[Level, int]:
        """Number of findings at each level."""
        total = dict.fromkeys(LEVELS, 0)
        with language.speaking(self.lang):
            for name, n in self._batch.counts().items():
                total[self.checks[name].level] += n
        return total

    def failed(self, level: Level) -> bool:
        """Whether there is a finding at ``level`` or above."""
        counts = self.counts()
        return any(counts[each] for each in LEVELS[: LEVELS.index(level) + 1])

    def write(self, path: str | Path, format: str | None = None) -> None:
        """Write the report; the format is the one named, else that of the path's suffix."""
        from validator import report

        report.write(self, Path(path), format)


def _merge(batch: Merged, result: PartitionResult | FewResult) -> None:
    if isinstance(result, FewResult):
        from validator.checks.rows.frames import framed

        result = framed(result)
    batch.merge(result)


def check(
    data: Any = None,
    profile: str = "national",
    *,
    list: Any = None,
    record: Any = None,
    fees: Any = None,
    record_edition: str = "",
    stage: str = "",
    rules: Iterable[str | Path] = (),
    codebooks: str | Path | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    layout: str | None = None,
    mapping: Path | None = None,
    settlement: Path | None = None,
    mask: bool = True,
    lang: Lang | None = None,
    progress: Progress | None = None,
    fix: str | Path | None = None,
) -> Report:
    """Check settlement lists, case records and charge lines.

    ``data``: one or more paths (messages, folders, zips, workbooks, CSVs, Parquet); a mapping of table name to frame, or one
    frame, of Polars or any library that speaks Arrow's stream protocol (pandas, pyarrow, DuckDB); one message as a mapping, or
    a list of them; bytes or open files, one or a list. ``list``, ``record``, ``fees``: the same of one document each, as
    ``data`` may hold all of them. Documents of one stay are compared. ``record_edition``: insurance or clinical, where the
    records do not tell in which edition they are coded. ``stage``: in_stay for stays not yet discharged: what is known only
    then does not apply. ``rules``: further folders of rule pages. ``codebooks``: the folder of
    code tables (``zhikong codebooks``), else the user's. ``select`` and ``ignore``: check ids, their prefixes, or kinds.
    ``layout``: the interface, where the data does not show it. ``mapping``: saved headings of a workbook. ``settlement``:
    settlement data to set against 4101A. ``progress`` is called with (what, done, total). ``fix``: a folder for copies of the
    files with the safe fixes made (:mod:`validator.fix`). ``lang``: the report's language, else the one in use; the caller's
    stays as it is.

    Raises :class:`~validator.base.errors.InputError` for unreadable data or what is none, and
    :class:`~validator.base.errors.ConfigError` for a wrong profile or rule page, or a check that there is not.
    """
    from validator.grouping.ungrouped import counter

    if lang not in (None, *get_args(Lang)):
        raise InputError(f"没有语言“{lang}”，可用 zh、en", f"there is no language '{lang}'; use zh or en")
    with language.speaking(lang):
        catalogue, select = chosen(profile, rules, codebooks, stage, select, ignore)
        options = {"mapping": mapping, "settlement": settlement, "progress": progress}
        given = Given(data, list, record, fees)
        paths = given.paths
        if fix is not None and paths is None:
            raise InputError("内存中的数据没有文件可改", "data in memory have no file to fix")
        parts, inputs = given.partitions(catalogue, edition=record_edition, layout=layout, **options)
        wanted: dict[str, Any] = {
            "select": select,
            "ignore": ignore,
            "ungrouped": None if select else counter(profile, codebooks),
        }
        if fix is None or not paths:
            return run(catalogue, parts, inputs, mask=mask, **wanted)
        from validator.fix import Copies

        copies = Copies(paths, Path(fix))
        with closing(copies.fixes):
            report = run(catalogue, parts, inputs, mask=mask, fixes=copies.fixes, **wanted)
            report.fixed = copies.write(report, catalogue.layouts, layout=layout)
        return report


def load(profile: str = "national", rules: Iterable[str | Path] = (), codebooks: str | Path | None = None) -> Catalogue:
    """The catalogue that :func:`check` uses, every expression tried; :class:`~validator.base.errors.ConfigError` when one is wrong."""
    folders, tables = tuple(Path(each) for each in rules), Path(codebooks) if codebooks else None
    made = catalogues.verified if folders else start.verified  # what further rules are made of is tried each time
    return made(profile, folders, tables)


def chosen(
    profile: str, rules: Iterable[str | Path], codebooks: str | Path | None, stage: str, select: Sequence[str], ignore: Sequence[str]
) -> tuple[Catalogue, Sequence[str]]:  # fmt: skip
    """The catalogue for a stage, and the checks to report; :class:`ConfigError` for one that there is not."""
    catalogue, select = catalogues.of_batches(at_stage(load(profile, rules, codebooks), stage), select)
    refuse_unknown(catalogue, (*select, *ignore))
    return catalogue, select


def run(
    catalogue: Catalogue,
    parts: Iterable[Partition],
    inputs: Sequence[str] = (),
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    mask: bool = True,
    fixes: Fixes | None = None,
    ungrouped: Ungrouped | None = None,
    all_keys: bool = False,
) -> Report:
    """Check partitions; the report is the same however the cases are cut. ``fixes`` takes the safe ones, ``ungrouped`` groups.

    ``all_keys``: :meth:`Report.keyed` knows every row, to be compared with other batches.
    """
    report = Report(catalogue, language.current(), inputs, masked=mask, select=select, ignore=ignore)
    report.ungrouped = ungrouped

    def keep(part: Partition, found: pl.DataFrame) -> None:
        assert fixes
        fixes.add(part, found, catalogue.layouts[part.layout])

    kept, counted = keep if fixes else None, ungrouped.watching(parts) if ungrouped else parts
    for result in results(catalogue, counted, report.choice, mask=mask, keep=kept, all_keys=all_keys):
        report.merge(result)
    return report
