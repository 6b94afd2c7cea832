"""The public face: :func:`check` data, get a :class:`Report`."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import polars as pl

from validator import read
from validator.base import language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.checks import case_rows, engine, findings
from validator.checks import catalogue as catalogues
from validator.checks.batch_schemes import Schemes
from validator.checks.batch_unique import REPEATED, Repeats
from validator.checks.case_rows import CASES
from validator.checks.choice import CheckChoice, refuse_unknown
from validator.checks.hiding import hide
from validator.checks.outcomes import Result
from validator.checks.plan import Plan
from validator.checks.tally import Tally
from validator.checks.unread import Unread
from validator.read.partition import Partition, Source
from validator.spec.catalogue import Catalogue, Check
from validator.spec.rule_pages import LEVELS, Level

if TYPE_CHECKING:
    from validator.fix import Copies, Fixed, Fixes
    from validator.grouping.ungrouped import Ungrouped

Progress = Callable[[str, int, int], None]
#: More findings than this are kept on disk, so that memory stays flat.
_IN_MEMORY = 1_000_000
#: Up to so many findings are worded once and kept, for the writers that go over them again.
_WORDED = 100_000

OUTCOMES: dict[str, pl.DataType] = {
    "check": pl.String(), "title": pl.String(), "level": pl.String(), "kind": pl.String(), "table": pl.String(),
    "field": pl.String(),
    "rows": pl.Int64(),  #: the denominator: passed + failed + not_applicable + unjudged
    "passed": pl.Int64(), "failed": pl.Int64(),
    "not_applicable": pl.Int64(),  #: 不适用: the condition does not hold, or the interface lacks what is read
    "unjudged": pl.Int64(),  #: 无法判定: something it reads is missing or failed its own check
    "status": pl.String(),  #: ran, not_run
    "reason": pl.String(),
}  # fmt: skip


class Report:
    """What a run found. ``findings``, ``outcomes`` and ``cases`` are Polars frames (columns: ``findings.SCHEMA``, above)."""

    def __init__(self, catalogue: Catalogue, lang: Lang, inputs: Sequence[str], *, masked: bool = True) -> None:
        self.catalogue, self.lang, self.inputs = catalogue, lang, list(inputs)
        self.profile = catalogue.profile.name
        self.masked = masked  #: personal data are hidden; staff's names too, in the formats that leave the department
        self.started = datetime.now().astimezone()
        self.fixed: Fixed | None = None  #: what became of the fixes, where copies were asked for
        self.ungrouped: Ungrouped | None = None  #: the cases without a group, where a scheme is loaded
        self.verdict: Any = None  #: a ``validator.gate.Verdict``, where the batch was judged
        self.checks: dict[str, Check] = {}
        self.sources: list[Source] = []
        self._cases: list[pl.DataFrame] = []
        self._repeated = pl.DataFrame(schema=REPEATED)
        self.unread: dict[str, int] = {}  #: table that was not read -> how many cases need it
        self.headings: dict[str, str] = {}  #: headings that were not recognised, and the field each may mean
        self._tallies: dict[str, Tally] = {}
        self._reasons: dict[str, str] = {}
        self._parts: list[pl.DataFrame | Path] = []
        self._spool: tempfile.TemporaryDirectory[str] | None = None
        self._held = 0

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {level}s" for level, n in self.counts().items())
        return f"<Report of {self.cases.height} cases: {counts}>"

    @cached_property
    def findings(self) -> pl.DataFrame:
        """Every finding, worded (``findings.SCHEMA``)."""
        return pl.concat([*map(self._worded, self._parts), pl.DataFrame(schema=findings.SCHEMA)])

    def iter_findings(self) -> Iterator[pl.DataFrame]:
        """The findings partition by partition, for writers that must not hold them all."""
        if self._held <= _WORDED:
            yield self.findings
        else:
            yield from map(self._worded, self._parts)

    def _worded(self, part: pl.DataFrame | Path) -> pl.DataFrame:
        return findings.render(
            _loaded(part), self.checks, self.sources, self.lang, self.catalogue.personal, self.catalogue.case_tables
        )

    def fixes(self) -> pl.DataFrame:
        """The findings that know what to write instead (masked as all findings are)."""
        return self.findings.filter(pl.col("suggested").is_not_null())

    def compact(self) -> pl.DataFrame:
        """The findings before they are worded (``findings.COMPACT``)."""
        return pl.concat([pl.DataFrame(schema=findings.COMPACT), *(_loaded(part) for part in self._parts)])

    @cached_property
    def cases(self) -> pl.DataFrame:
        """One row per case, with its counts of findings and what becomes of it (:data:`CASES`)."""
        with language.speaking(self.lang):
            if not self._cases:
                return pl.DataFrame(schema=CASES)
            departments = self.catalogue.domains["dept"].names
            return case_rows.settle(pl.concat(self._cases), self._repeated, self.checks, departments)

    @property
    def outcomes(self) -> pl.DataFrame:
        """Every check with its denominator: nothing passes silently."""
        with language.speaking(self.lang):
            rows = [self._outcome(check) for check in self.checks.values() if not check.id.startswith("read/")]
        return pl.DataFrame(rows, schema=OUTCOMES, orient="row")

    def _outcome(self, check: Check) -> tuple[Any, ...]:
        tally, reason = self._tallies.get(check.id), self._reasons.get(check.id)
        head = (check.id, check.title(self.lang), check.level, check.kind, check.table, check.field or None)
        if tally is None:
            reason, cases = (
                reason or language.say("没有这张表的数据", "no data for this table"),
                self.unread.get(check.table, 0),
            )
            return (*head, cases, 0, 0, 0, cases, "not_run", reason)
        unjudged = tally.rows - tally.passed - tally.failed - tally.not_applicable
        return (*head, tally.rows, tally.passed, tally.failed, tally.not_applicable, unjudged, "ran", reason)

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
        for part in self._parts:
            for name, n in _loaded(part)["check"].value_counts().iter_rows():
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

    def take(self, found: pl.DataFrame) -> None:
        """Keep a compact frame of findings, on disk once there are many."""
        if not found.height:
            return
        self._held += found.height
        if self._held <= _IN_MEMORY:
            self._parts.append(found)
            return
        self._spool = self._spool or tempfile.TemporaryDirectory(prefix="zhikong-", ignore_cleanup_errors=True)
        path = Path(self._spool.name) / f"{len(self._parts)}.parquet"
        found.write_parquet(path)
        self._parts.append(path)

    def put_first(self, found: pl.DataFrame) -> None:
        """Keep findings that every reader should see before all others."""
        if found.height:
            self._held += found.height
            self._parts.insert(0, found)

    def add_cases(
        self, part: Partition, number: int, frame: pl.DataFrame, found: pl.DataFrame, unread: pl.Series
    ) -> None:
        """Keep the cases of a partition; ``unread``: those of which something needed was not read."""
        self._cases.append(
            case_rows.of_partition(
                part, number, frame, found, self.checks, self.catalogue.layouts[part.layout].interface
            ).with_columns(_unread=unread)
        )

    def add_repeated(self, repeated: pl.DataFrame) -> None:
        """Take the findings that only the whole batch shows."""
        self._repeated = repeated
        self.take(repeated.drop("_part"))

    def tally(self, name: str, tally: Tally, reason: str | None = None) -> None:
        """Add to a check's outcome."""
        self._tallies.setdefault(name, Tally()).add(tally)
        if reason:
            self._reasons.setdefault(name, reason)

    def leave_out(self, name: str, reason: str) -> None:
        """Say why a check was not run."""
        self._reasons[name] = reason


def _loaded(part: pl.DataFrame | Path) -> pl.DataFrame:
    return part if isinstance(part, pl.DataFrame) else pl.read_parquet(part)


def check(
    data: Any,
    profile: str = "national",
    *,
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
    """Check settlement lists.

    ``data``: one or more paths (messages, folders, zips, workbooks, CSVs, Parquet); a mapping of table name to frame, or one
    frame, of Polars or any library that speaks Arrow's stream protocol (pandas, pyarrow, DuckDB); one message as a mapping, or
    a list of them; bytes or open files, one or a list. ``rules``: further folders of rule pages. ``codebooks``: the folder of
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
        catalogue, select = catalogues.of_batches(load(profile, rules, codebooks), select)
        refuse_unknown(catalogue, (*select, *ignore))
        options = {"mapping": mapping, "settlement": settlement, "progress": progress}
        paths = read.as_paths(data)
        if fix is not None and paths is None:
            raise InputError("内存中的数据没有文件可改", "data in memory have no file to fix")
        parts, inputs = read.of_data(data, catalogue.layouts, layout, **options)
        copies = _copies(paths, Path(fix)) if fix is not None and paths else None
        chosen = {"select": select, "ignore": ignore, "ungrouped": None if select else counter(profile, codebooks)}
        return _checked(catalogue, parts, inputs, copies, mask=mask, layout=layout, **chosen)


def _checked(
    catalogue: Catalogue, parts: Iterable[Partition], inputs: list[str], copies: "Copies | None", **options: Any
) -> Report:
    layout = options.pop("layout")
    fixes = copies.fixes if copies else None
    try:
        report = run(catalogue, parts, inputs, fixes=fixes, **options)
        if copies:
            report.fixed = copies.write(report, catalogue.layouts, layout=layout)
    finally:
        if fixes:
            fixes.close()
    return report


def _copies(paths: Sequence[str | Path], folder: Path) -> "Copies":
    from validator.fix import Copies

    return Copies(paths, folder)


def load(profile: str = "national", rules: Iterable[str | Path] = (), codebooks: str | Path | None = None) -> Catalogue:
    """The catalogue that :func:`check` uses, every expression tried; :class:`~validator.base.errors.ConfigError` when one is wrong."""
    return catalogues.verified(profile, tuple(Path(each) for each in rules), Path(codebooks) if codebooks else None)


def run(
    catalogue: Catalogue,
    parts: Iterable[Partition],
    inputs: Sequence[str] = (),
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    mask: bool = True,
    fixes: "Fixes | None" = None,
    ungrouped: "Ungrouped | None" = None,
) -> Report:
    """Check partitions; the report is the same however the cases are cut. ``fixes`` takes the safe ones, ``ungrouped`` groups."""
    report = Report(catalogue, language.current(), inputs, masked=mask)
    report.ungrouped = ungrouped
    wanted: frozenset[str] = frozenset()
    left_out = (*ignore, *catalogue.profile.ignore)
    batch, schemes, unread = Repeats(mask), Schemes(catalogue), Unread(catalogue)
    for number, part in enumerate(parts):
        plan = plan_for(catalogue, part)
        wanted = CheckChoice(tuple(select), left_out).among(plan)
        result = engine.run(plan, part, wanted, mask)
        known = plan.checks
        report.checks = known | report.checks
        for name in known.keys() - wanted:
            report.leave_out(name, language.say("未选", "not selected"))
        first = len(report.sources)
        report.sources += part.sources
        cases = result.tables[plan.case]
        ids = cases["case_id"]
        found = findings.compact(result.findings, ids, first)
        if fixes:
            fixes.add(part, result, catalogue.layouts[part.layout])
        if ungrouped:
            ungrouped.add(part)
        if part.notes:
            report.headings |= read.draft_mapping(part.notes)
            notes = [note for note in part.notes if note.check in wanted and not Unread.takes(note)]
            found = pl.concat([found, findings.of_notes(notes, known, ids, report.sources)])
        hidden = hide(found, cases, plan.rows, plan.case)
        found = (hidden if mask else found).with_columns(hidden=hidden["value"])
        for name, tally in result.tallies.items():
            report.tally(name, tally, _reason(plan, name, result))
        for name, reason in result.reasons.items():
            report.leave_out(name, reason)
        batch.add(plan, result, number, first)
        schemes.add(cases)
        report.take(found.sort("_case", maintain_order=True, nulls_last=True))
        report.add_cases(part, number, cases, found, unread.add(plan, part, result, wanted))
        del part, result, cases  # or they would stay while the next partition is read
    report.add_repeated(batch.found(report))
    report.unread = unread.tables()
    missing = [note for note in unread.notes() if not note.check.startswith(left_out)]
    report.put_first(findings.of_notes(missing, report.checks, pl.Series(), report.sources))
    if "read/mixed-scheme" in wanted:
        report.take(findings.of_notes(list(schemes.notes()), report.checks, pl.Series(), report.sources))
    return report


def plan_for(catalogue: Catalogue, part: Partition) -> Plan:
    """The plan for the partition's interface, tables and supplied fields; the last ones are kept."""
    fields = catalogue.layouts[part.layout].tables[part.case].fields
    supplied = frozenset(
        name for name in part.tables[part.case].columns if name[0] != "_" and name not in (*fields, "case_id")
    )
    return _plan(catalogue, part.layout, frozenset(part.tables), supplied)


@lru_cache(maxsize=8)
def _plan(catalogue: Catalogue, layout: str, tables: frozenset[str], supplied: frozenset[str]) -> Plan:
    return Plan(catalogue, layout, tables, supplied)


def _reason(plan: Plan, name: str, result: Result) -> str | None:
    missing = plan.skipped.get(name)
    if missing is None:
        return None
    if ((table := plan.table_of(missing)), "") in result.unread:
        title = plan.catalogue.layouts[plan.interface].title(table)
        return language.say(f"没有读到{title}", f"{title} was not read")
    return language.say(f"{plan.interface} 的数据里没有 {missing}", f"{plan.interface} data has no {missing}")
