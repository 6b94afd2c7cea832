"""Both roads on the same messages, one at a time: what differs."""

import copy
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from validator import api, generate, read
from validator.base import language
from validator.base.language import Lang
from validator.checks import examples, judge
from validator.checks.choice import CheckChoice
from validator.checks.rows.judging import JudgedMessage, OneByOne, StayMessages
from validator.generate import defects
from validator.spec.catalogue import Catalogue

#: Texts that are put into cells: near the edges of what is read, judged or hidden.
JUNK = [
    None, "", " ", "-", "—", "无", "/", "\\", "0", "1", "2", "9", "01", "99", "-1", "3.5", "3.", ".5", "250.00", "9" * 15, "9" * 18,
    "99999999999999.99", "-999999999999999.99", "1e3", "x", "abc", "CHN", "chn", "中国", "a\n粘连b", "x" * 600, "长" * 300, "１２", " 1 ",
    "K80", "K80.1", "k80.1", "K80.100x001", "K80.100X001", "C22.101M81600/3", "Z37.0", "O80.000x001", "51.2x", "58.6x00", "99.04",
    "BNW010", "A01.01.01", "A04.01", "A04.01→A28", "D110105000001", "N110105000007", "H11010500001", "310100", "110105", "100020",
    "2026-07-06", "2026-07-06 09:10:00", "2026-07-06 09:10", "20260706", "2026/7/6 9:10", "2026-7-6", "2026年7月6日", "46209", "46209.5",
    "2026-02-30", "0000-01-01", "0001-01-01", "1899-12-31 23:59:59", "1900-01-01", "2199-12-31 23:59:59", "9999-12-31", "+12026-01-01",
    "1/2/3", "0/24/60", "0/25/61", "9999/9999/9999", "13000000000", "手机13812345678联系", "110101199001011237", "110101000001011237",
    "11010119900101123x", "张三丰", "汉族", "王府井大街3号楼2单元", "3250,3100", "2650，2480", ",", "é😀", "\u3000", "\u200b1",
]  # fmt: skip


def generated(interface: str, count: int, seed: int, junk: float, planted: float = 0.8) -> Iterator[dict[str, Any]]:
    """Generated cases, defects planted in a share of them, and junk in a share of the cells."""
    draw = random.Random(seed)
    catalogue = api.load()
    tables = catalogue.layouts[interface].tables
    case = catalogue.layouts[interface].case
    [(part, _)] = generate.partitions(count, seed, planted, interface)
    rows = {name: frame.rows_by_key("_case", named=True, include_key=True) for name, frame in part.tables.items()}
    for number in range(part.tables[case].height):
        nodes: dict[str, Any] = {}
        for name, table in tables.items():
            texts = [
                {
                    field: draw.choice(JUNK) if draw.random() < junk else row[field]
                    for field in table.fields
                    if field in row
                }
                for row in rows.get(name, {}).get(number, [])
            ]
            nodes[name] = texts[0] if name == case else texts
        nodes[case][catalogue.layouts[interface].interface.keys[0]] = f"S{number:06}"
        yield {"infno": interface, "input": nodes}


def from_golden(interface: str, count: int, seed: int, junk: float) -> Iterator[dict[str, Any]]:
    """Golden messages with some rows twice and junk in a share of the cells."""
    draw, layout = random.Random(seed), api.load().layouts[interface]
    for number in range(count):
        message = copy.deepcopy(examples.interface_message(interface))
        for node in message["input"].values():
            rows = [node] if isinstance(node, dict) else node
            if isinstance(node, list) and number % 2:
                rows.extend(copy.deepcopy(node[:3]))
            for row in rows:
                row |= {field: draw.choice(JUNK) for field in row if draw.random() < junk}
        message["input"][layout.case][layout.interface.keys[0]] = f"S{number:06}"
        yield message


def of_pages(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """Every rule page's cases that need no code tables of their own."""
    for rule in catalogue.rules.values():
        for case in rule.cases if not (rule.withdrawn or rule.tables) else ():
            yield from examples.batch(rule, case, catalogue)


def planted(interface: str) -> Iterator[dict[str, Any]]:
    """A golden message for every field check, broken so that it must fire."""
    for number, defect in enumerate(defects.of_fields(api.load(), interface)):
        message = copy.deepcopy(examples.interface_message(interface))
        rows = message["input"].get(defect.table) or [copy.deepcopy(examples.new_rows(interface)[defect.table])]
        message["input"][defect.table] = rows
        row = rows if isinstance(rows, dict) else rows[0]
        row[defect.field] = defect.spoil(row.get(defect.field) or None, number)
        yield message


@contextmanager
def by_columns() -> Iterator[None]:
    """However few the cases are, columns judge them."""
    few, judge.FEW_CASES = judge.FEW_CASES, -1
    try:
        yield
    finally:
        judge.FEW_CASES = few


def differences(
    catalogue: Catalogue, messages: Iterable[dict[str, Any]], *, lang: Lang = "zh", **options: Any
) -> Iterator[tuple[Any, ...]]:
    """What the roads say differently of messages, each alone: its number, what differs, by columns, by rows."""
    given = list(messages)
    with language.speaking(lang):
        for number, (message, judged) in enumerate(zip(given, by_rows(catalogue, given, **options), strict=True)):
            with by_columns():
                report = api.run(catalogue, [read.from_message(message, catalogue.layouts)], **options)
            for what, one, other in (
                ("findings", report.findings.to_dicts(), judged.findings),
                ("outcomes", report.outcomes.to_dicts(), judged.outcomes),
                ("cases", [_case(report.cases.row(0, named=True))], [_case(judged.case)]),
            ):
                yield from _differing(number, what, one, other)


def by_rows(
    catalogue: Catalogue, messages: Iterable[dict[str, Any]], *, select: Sequence[str] = (), ignore: Sequence[str] = (),
    mask: bool = True,
) -> Iterator[JudgedMessage]:  # fmt: skip
    """The messages judged by any catalogue, as :func:`validator.judge_many` does."""
    one_by_one = OneByOne(catalogue, CheckChoice(tuple(select), (*ignore, *catalogue.profile.ignore)), mask=mask)
    return (one_by_one.read(StayMessages(message), number) for number, message in enumerate(messages))


def of_many(catalogue: Catalogue, messages: Iterable[dict[str, Any]], *, mask: bool) -> Iterator[tuple[Any, ...]]:
    """The same with the columns of all messages together; what rules about a whole batch say is left out."""
    given = list(messages)
    batch = [rule.id for rule in catalogue.rules.values() if rule.spec.get("within") == "batch"]
    with by_columns():
        parts = read.from_messages(given, catalogue.layouts)
        report = api.run(catalogue, parts, mask=mask, ignore=[*batch, "read/mixed"])
    found: dict[str, list[Any]] = {}
    for row in report.findings.iter_rows(named=True):
        found.setdefault(row["case_id"], []).append(row)
    totals = {row["check"]: Counter() for row in report.outcomes.iter_rows(named=True)}
    cases = {row["case_id"]: row for row in report.cases.iter_rows(named=True)}
    for number, judged in enumerate(by_rows(catalogue, given, mask=mask, ignore=batch)):
        yield from _differing(number, "findings", found.get(judged.case_id or "", []), judged.findings)
        yield from _differing(number, "cases", [_case(cases[judged.case_id or ""])], [_case(judged.case)])
        for row in judged.outcomes:
            totals[row["check"]].update({name: row[name] for name in COUNTS})
    for row in report.outcomes.iter_rows(named=True):
        total = {"check": row["check"], **totals[row["check"]]}
        yield from _differing(-1, "outcomes", [{name: row[name] for name in total}], [total])


COUNTS = ("rows", "passed", "failed", "not_applicable", "unjudged")


def _case(row: dict[str, Any]) -> dict[str, Any]:
    """A case without its number among others, on which its name rests where it has no key."""
    return {name: value for name, value in row.items() if not str(value).startswith("message#")}


def _differing(number: int, what: str, one: list[Any], other: list[Any]) -> Iterator[tuple[Any, ...]]:
    left, right = sorted(map(_text, one)), sorted(map(_text, other))
    if left != right:
        yield number, what, sorted(set(left) - set(right)), sorted(set(right) - set(left))


def _text(row: dict[str, Any]) -> str:
    hidden = {"fingerprint", "case_id"} if str(row.get("case_id")).startswith("message#") else set()
    texts = {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
    return str({name: value for name, value in texts.items() if name not in hidden})


def main(count: int) -> int:
    """Many dirty cases of each interface on both roads."""
    catalogue, wrong = api.load(), 0
    for interface in (name for name, each in catalogue.layouts.items() if not each.interface.made_of):
        for seed, junk in enumerate((0, 0.03, 0.25)):
            found = list(of_many(catalogue, generated(interface, count // 3, seed, junk), mask=junk < 0.1))
            wrong += len(found)
            sys.stdout.write(
                f"{interface}: {count // 3} cases, junk in {junk:.0%} of cells: {len(found)} differences\n"
            )
            sys.stdout.writelines(f"{each}\n" for each in found[:3])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
