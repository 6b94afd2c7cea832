"""What ``zhikong group`` prints and writes: rows, counts, disagreements."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import polars as pl

from validator.base import files, frame_bytes
from validator.base.errors import InputError
from validator.base.language import say
from validator.base.masking import misplaced_text
from validator.grouping import dip_explain, feedback, reasons
from validator.grouping.explain import explain
from validator.grouping.report import names
from validator.grouping.scheme import DrgScheme

if TYPE_CHECKING:
    from rich.console import Console

    from validator.grouping.grouper import Batch, Grouper

#: What each column of a result is called in a workbook.
_TITLES = {
    "case_id": ("病例", "Case"), "mdc": ("主要诊断大类（MDC）", "MDC"), "adrg": ("ADRG", "ADRG"), "drg": ("DRG", "DRG"),
    "dip": ("DIP 病种", "DIP group"), "name": ("名称", "Name"), "kind": ("类别", "Kind"), "status": ("结果", "Result"),
    "reason": ("原因", "Reason"), "ours": ("预测", "Predicted"), "our_status": ("预测结果", "Our result"),
    "our_reason": ("预测原因", "Our reason"), "theirs": ("反馈", "Returned"), "their_status": ("反馈结果", "Their result"),
    "their_text": ("反馈原文", "As returned"), "our_trace": ("我方分组过程", "Our way"),
    "their_trace": ("反馈组在本方案中的条件", "Their group in our scheme"), "record_number": ("病案号", "Record"),
    "department": ("科室", "Department"), "physician": ("医师", "Physician"), "coder": ("编码员", "Coder"),
}  # fmt: skip
_FIELDS = {
    "sex": ("性别", "sex"), "age": ("年龄", "age"), "age_days": ("天龄", "age in days"), "weight": ("体重", "weight"),
    "los": ("住院天数", "length of stay"), "cost": ("费用", "cost"),
}  # fmt: skip
_TRACED = 500  #: disagreements that are explained
_SHOWN = 10  #: texts on the console


class Results:
    """The results of a run: rows kept on disk, so that memory stays flat, and their counts."""

    def __init__(
        self, grouper: "Grouper", folder: Path, returned: pl.DataFrame | None = None, *, masked: bool = True
    ) -> None:
        """``folder`` is empty; ``returned``: the results that came back from the bureau or vendor.

        ``masked``: names of physicians and coders are hidden.
        """
        self.grouper, self._folder, self._returned, self._masked = grouper, folder, returned, masked
        self._parts, self._differing = 0, list[pl.DataFrame]()
        self.cases = 0
        self.statuses, self.reasons, self.unread = Counter[str](), Counter[str](), Counter[str]()
        self.payments = Counter[str | None]()  #: how the insurance pays -> cases

    def add(self, batch: "Batch") -> None:
        """Add the results of some cases."""
        evidence = batch.cases.evidence
        people = names.as_written(evidence.context if evidence else names.nobody(batch.result.height))
        batch.result.hstack(people).write_parquet(self._folder / f"{self._parts:06}.parquet")
        self._parts += 1
        self.cases += batch.result.height
        for status, reason, count in batch.result.group_by("status", "reason").len().iter_rows():
            self.statuses[status] += count
            if reason:
                self.reasons[reason] += count
        self.unread.update(batch.cases.unread)
        self.payments.update(dict(batch.cases.frame["payment"].value_counts().iter_rows()))
        if self._returned is not None:
            left = _TRACED - sum(part.height for part in self._differing)
            found = _disagreements(self.grouper, batch, self._returned, left)
            of_case = people.with_columns(batch.result["case_id"]).unique("case_id", keep="first", maintain_order=True)
            self._differing.append(found.join(of_case, on="case_id", how="left", maintain_order="left"))

    def to_bytes(self) -> bytes:
        """Rows and counts, for :meth:`merge` in another process."""
        files_there = sorted(self._folder.glob("*.parquet"))
        rows = pl.concat([pl.read_parquet(each) for each in files_there] or [pl.DataFrame()])
        used = [each.version for each in self.grouper.used]
        about = {
            "statuses": self.statuses, "reasons": self.reasons, "unread": self.unread, "payments": [*self.payments.items()],
            "used": used,
        }  # fmt: skip
        return frame_bytes.with_about(rows, about)

    def merge(self, number: int, content: bytes) -> None:
        """Add the results of a unit, by its place among all units."""
        found, known = frame_bytes.apart(content)
        if found.height:
            found.write_parquet(self._folder / f"{number:06}.parquet")
        self.cases += found.height
        self.statuses.update(known["statuses"])
        self.reasons.update(known["reasons"])
        self.unread.update(known["unread"])
        self.payments.update(dict(known["payments"]))
        self.grouper.use(known["used"])

    @property
    def eligible(self) -> int:
        """The cases that take part in grouping."""
        return self.cases - self.statuses["excluded"]

    @property
    def grouped(self) -> int:
        """The cases that have a group."""
        return self.statuses["grouped"]

    @property
    def rows(self) -> pl.LazyFrame:
        """All rows in order: the results of cases, and whose they are."""
        return names.worded(pl.scan_parquet(sorted(self._folder.glob("*.parquet")), glob=False), masked=self._masked)

    @property
    def differing(self) -> pl.DataFrame | None:
        """Where the results differ from those returned (``feedback.DISAGREEMENTS``, both traces, people); None: none came back."""
        if not self._differing:
            return None
        return names.worded(pl.concat(self._differing).lazy(), masked=self._masked).collect()

    @property
    def summary(self) -> feedback.Summary | None:
        """How the results compare with those returned."""
        return None if self._returned is None else feedback.compare(self.rows.collect(), self._returned)[0]


def trace(grouper: "Grouper", batch: "Batch", row: int) -> list[str]:
    """How a case is grouped, in words."""
    version = grouper.version(batch.read.days[row])
    scheme = grouper.scheme(version)
    head = say(f"分组方案：{version.version}", f"Scheme: {version.version}")
    result = batch.result.row(row, named=True)
    steps = (
        explain(scheme, batch.cases, row, result)
        if isinstance(scheme, DrgScheme)
        else dip_explain.explain(scheme, batch.cases, row, result, grouper.names)
    )
    return [head, *steps]


def _disagreements(grouper: "Grouper", batch: "Batch", returned: pl.DataFrame, left: int) -> pl.DataFrame:
    """Where prediction and feedback differ, the first ``left`` with both ways through the scheme."""
    _, found = feedback.compare(batch.result, returned)
    rows = batch.result.select("case_id").with_row_index("row").unique("case_id", keep="first", maintain_order=True)
    places = found.join(rows, on="case_id", how="left", maintain_order="left")["row"].head(max(left, 0)).to_list()
    ours, theirs = list[str | None](), list[str | None]()
    for row, group in zip(places, found["theirs"].to_list(), strict=False):
        scheme = grouper.scheme(grouper.version(batch.read.days[row]))
        ours.append("\n".join(trace(grouper, batch, row)))
        known = feedback.against(scheme, batch.cases, row, group) if isinstance(scheme, DrgScheme) and group else []
        theirs.append("\n".join(known) or None)
    none = [None] * (found.height - len(ours))
    traces = {"our_trace": [*ours, *none], "their_trace": [*theirs, *none]}
    return found.with_columns(pl.Series(name, lines, dtype=pl.String) for name, lines in traces.items())


def _csv(rows: pl.LazyFrame, scratch: Path) -> None:
    rows.sink_csv(scratch, include_bom=True)


def _xlsx(sheets: Mapping[str, pl.LazyFrame], scratch: Path) -> None:
    from validator.report.common.pages import Looks
    from validator.workbook import tabs
    from validator.workbook.package import Package
    from validator.workbook.sheet import MOST_ROWS, Cell, Sheet
    from validator.workbook.styles import Styles

    package = Package()
    looks = Looks(Styles(package))

    def sheet(name: str, rows: pl.LazyFrame) -> Sheet:
        frame = rows.collect()
        if frame.height >= MOST_ROWS:
            raise InputError(
                f"{frame.height} 例超过一张工作表能容纳的行数，请改用 parquet 或 csv",
                f"{frame.height} cases do not fit into a sheet; use parquet or csv",
            )
        columns = [
            (*_TITLES.get(column, (column, column)), 60 if "trace" in column else 20) for column in frame.columns
        ]

        def cells() -> Iterator[Sequence[Cell]]:
            yield looks.heads(columns)
            for row in frame.iter_rows(named=True):
                yield [looks.text(_word(column, value)) for column, value in row.items()]

        return looks.sheet(name, columns, cells, header=1, filtered=True)

    tabs.put_in_front(package, [sheet(name, rows) for name, rows in sheets.items()])
    package.save(scratch)
    package.close()


def _word(column: str, value: object) -> str | None:
    """Codes of statuses and reasons in words, as people read them in a workbook."""
    if value is None:
        return None
    if column.endswith("status"):
        return reasons.status(str(value))
    if column.endswith("reason"):
        return reasons.reason(str(value))
    if column == "kind" and value in feedback.KINDS:
        return say(*feedback.KINDS[str(value)])
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


#: How rows are written, but for workbooks.
_WRITERS: dict[str, Callable[[pl.LazyFrame, Path], None]] = {
    "jsonl": lambda rows, path: rows.sink_ndjson(path),
    "parquet": lambda rows, path: rows.sink_parquet(path),
    "csv": _csv,
}
FORMATS = (*_WRITERS, "xlsx")


def write(name: str, path: Path, results: Results) -> list[Path]:
    """Write the rows, and the disagreements as a second sheet or as ``NAME-disagreements.jsonl``; gives the files."""
    differing = results.differing
    with files.replacing(path) as scratch:
        if name == "xlsx":
            sheets = {say("分组结果", "Groups"): results.rows}
            if differing is not None:
                sheets[say("分歧", "Disagreements")] = differing.lazy()
            _xlsx(sheets, scratch)
        else:
            _WRITERS[name](results.rows, scratch)
    return [path] if differing is None or name == "xlsx" else [path, write_disagreements(path, differing)]


def write_disagreements(path: Path, disagreements: pl.DataFrame) -> Path:
    """Write them as JSON Lines in the folder of ``path``."""
    target = path.with_name(f"{path.stem}-disagreements.jsonl")
    with files.replacing(target) as scratch:
        disagreements.write_ndjson(scratch)
    return target


def to_standard_output(name: str, results: Results) -> None:
    """Print the rows as a file of that format."""
    with files.scratch_folder() as folder:
        [path, *_] = write(name, Path(folder) / f"rows.{name}", results)
        click.echo(path.read_bytes(), nl=False)


def show(screen: "Console", results: Results) -> None:
    """Counts per result and reason, the grouping rate, what could not be read, and what came back."""
    from rich import box
    from rich.table import Table

    schemes = [each.version for each in results.grouper.used]
    screen.print(say(f"分组方案：{'、'.join(schemes)}", f"Scheme: {', '.join(schemes)}"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("结果和原因", "Result and reason"))
    table.add_column(say("病例", "Cases"), justify="right")
    table.add_column(say("占比", "Share"), justify="right")
    for status in reasons.STATUSES:
        if count := results.statuses.get(status, 0):
            table.add_row(reasons.status(status), f"{count:,}", _share(count, results.cases))
    for reason, count in sorted(results.reasons.items(), key=lambda each: -each[1]):
        table.add_row("  " + reasons.reason(reason), f"{count:,}", _share(count, results.cases))
    screen.print(table)
    rate = _share(results.grouped, results.eligible)
    left = say("，不参加分组的不计", ", those left out not counted") if results.eligible < results.cases else ""
    screen.print(
        say(
            f"入组率 {rate}（入组 {results.grouped:,} 例 / {results.eligible:,} 例{left}）",
            f"Grouping rate {rate} ({results.grouped:,} of {results.eligible:,} cases{left})",
        )
    )
    if payments := _payments(results):
        screen.print(payments, markup=False)
    if results.unread:
        zh = "、".join(f"{_FIELDS[name][0]} {count} 处" for name, count in results.unread.items())
        en = ", ".join(f"{_FIELDS[name][1]} {count}" for name, count in results.unread.items())
        screen.print(say(f"读不懂、按未知处理的值：{zh}", f"Values that cannot be read, taken as unknown: {en}"))
    if summary := results.summary:
        _show_feedback(screen, summary)


def _payments(results: Results) -> str:
    """How the cases are paid, where that is not the same and stated for all of them; blank otherwise."""
    counts = results.payments
    if len(counts) < 2 and counts[None] == 0:
        return ""
    paid = results.grouper.catalogue.domains["hi_paymtd"]
    zh, en = (
        [
            f"{code} {paid.label(code, lang)} {count:,}" if code in paid.names else f"{misplaced_text(code)} {count:,}"
            for code, count in sorted((code, count) for code, count in counts.items() if code)
        ]
        for lang in ("zh", "en")
    )
    if blank := counts[None]:
        zh.append(f"没有填 {blank:,}（算作参加分组）")
        en.append(f"blank {blank:,} (taken as paid by groups)")
    return say(f"医保支付方式：{'、'.join(zh)}", f"Payment method: {', '.join(en)}")


def _share(count: int, whole: int) -> str:
    return f"{count / whole:.2%}" if whole else "–"


def _show_feedback(screen: "Console", summary: feedback.Summary) -> None:
    """Print the real and the predicted rate, and how the results differ."""
    actual, predicted = _share(summary.actual, summary.matched), _share(summary.predicted, summary.matched)
    screen.print(
        say(
            f"反馈对上 {summary.matched:,} 例：实际入组率 {actual}，预测 {predicted}；结果相同 {summary.same:,} 例",
            f"Feedback for {summary.matched:,} cases: real grouping rate {actual}, predicted {predicted}; "
            f"{summary.same:,} results are the same",
        )
    )
    for kind, count in summary.kinds.items():
        screen.print(f"  {say(*feedback.KINDS[kind])} {count:,}")
    for text, count in list(summary.failures.items())[:_SHOWN]:
        screen.print(
            say("  反馈未入组的说法：", "  Returned without a group: ") + f"{text or '–'} {count:,}", markup=False
        )
    if summary.matched < summary.cases:
        lacking = summary.cases - summary.matched
        screen.print(say(f"  {lacking:,} 例没有反馈", f"  {lacking:,} cases have no feedback"))
    if summary.unknown or summary.repeated:
        screen.print(
            say(
                f"  反馈里 {summary.unknown:,} 例不在数据中，{summary.repeated:,} 行重复（取最后一行）",
                f"  {summary.unknown:,} cases of the feedback are not in the data, {summary.repeated:,} rows repeat one",
            )
        )
