"""What a delivery amounts to before anything is recorded: its cases checked, its lists and reports as frames, the gate's verdict."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import polars as pl

from validator import api, gate, report
from validator.api import Report
from validator.base.errors import InputError
from validator.base.language import say
from validator.checks import slots
from validator.intake import baseline, content, memory, timeliness, unjudged
from validator.intake.baseline import Baseline, MonthArrived
from validator.intake.ledger import Ledger
from validator.intake.options import Options
from validator.intake.reading import READ, DeliveryReading, grouper
from validator.read.given import Given
from validator.spec.intake import Intake

Progress = Callable[[str, int, int], None]
State = Literal["accepted", "returned", "held"]

#: One row per case of a delivery: as it was read, and what the checks make of it. Lists that came twice are one case.
CASES: dict[str, Any] = {
    **{name: kind for name, kind in READ.items() if name not in ("digest", "of_list")},
    "digest": pl.String,
    "discharged": pl.Date, "errors": pl.UInt32, "warnings": pl.UInt32, "disposition": pl.String,
}  # fmt: skip
#: Dispositions from the best to the worst.
DISPOSITIONS = ("accept", "accept_with_warnings", "return", "cannot_be_judged")
ACCEPTED = DISPOSITIONS[:2]
FACTS, CASES_FILE, OUTCOMES = "facts.parquet", "cases.parquet", "findings.outcomes.parquet"
GROUPS_FILE, KEYS_FILE, UNJUDGED_FILE = "groups.parquet", "keys.parquet", "unjudged.parquet"


@dataclass(frozen=True)
class JudgedDelivery:
    """A delivery that was read and checked."""

    digest: str
    names: list[str]
    cases: pl.DataFrame  #: :data:`CASES`
    verdict: dict[str, Any]
    state: State
    files: dict[str, str]  #: file of the folder -> SHA-256
    run: dict[str, Any]  #: what it was judged by


def judge(
    ledger: Ledger,
    inbox: Path,
    staging: Path,
    options: Options,
    names: Sequence[str],
    each: Callable[[], None],
    progress: Progress | None,
) -> JudgedDelivery:
    """Read, check, group and judge what lies in ``inbox``; its frames are written to ``staging``."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    codebooks = Path(options.codebooks) if options.codebooks else None
    catalogue = api.load(options.profile, options.rules, codebooks)
    intake = catalogue.profile.intake
    suite = gate.read(options.gate or intake.gate, intake)
    reading = DeliveryReading(catalogue, options, inbox, staging / "lists", grouper(options.profile, codebooks), each)
    parts, _ = Given(sorted(inbox.iterdir())).partitions(catalogue, progress=progress)
    found = api.run(catalogue, reading.through(parts), list(names), all_keys=True)
    each()
    cases = _cases(found.cases, reading.cases)
    today = date.fromisoformat(options.received[:10])
    with ledger.reading() as session:
        known = Baseline(ledger, session, intake, today, options.roll, options.convention)
        arrived = known.of_delivery(cases, reading.figures, options)
        before = unjudged.known(session, cases["case_id"])
    verdict = gate.judge(found, suite, _declared(options), further=_further(cases, arrived, today, intake))
    each()
    records = reading.cases.filter("of_list")["case_id"]
    unjudged.of_delivery(found, before, records, staging / "lists").write_parquet(staging / UNJUDGED_FILE)
    each()
    _write(found, reading, cases, staging, ledger.secret())
    schemes = [each.version for each in reading.grouper.used] if reading.grouper else []
    return JudgedDelivery(
        content.together(cases["digest"].str.decode("hex"), options.hospital),
        [Path(name).name for name in names],
        cases,
        verdict.as_dict() | {"arrival": [month.as_dict() for month in arrived], "declared": _convention(options)},
        _state(verdict, arrived),
        hashes(staging),
        {
            "profile": options.profile,
            "catalogue": digest_of(found),
            "codebooks": sorted(f"{each.table} {each.version}" for each in catalogue.judge.store.versions()),
            "schemes": schemes,
        },
    )


def _state(verdict: gate.Verdict, arrived: Sequence[MonthArrived]) -> State:
    """Returned by the gate, else held where a month that should be whole is not."""
    if verdict.disposition == "return":
        return "returned"
    return "held" if any(month.arrival.state == "held" for month in arrived) else "accepted"


def _declared(options: Options) -> int | None:
    return None if options.declared is None else options.declared - options.refunded


def _convention(options: Options) -> str:
    """How the number of lists that were declared comes about; blank where none was."""
    if options.declared is None:
        return ""
    zh = f"申报 {options.declared} 笔结算（4105），其中已退费 {options.refunded} 笔没有清单，应有 {_declared(options)} 份"
    en = f"{options.declared} settlements declared (4105), {options.refunded} of them refunded without a list: {_declared(options)} lists"
    return say(zh, en)


def _cases(judged: pl.DataFrame, read: pl.DataFrame) -> pl.DataFrame:
    """One row per case: a list with its record is one, and so are lists that came twice."""
    lists, records = read.filter(~pl.col("of_list")), read.filter("of_list")
    if lists["case_id"].to_list() != judged["case_id"].to_list():
        raise AssertionError  # both are in the order of the partitions
    if not lists.height:
        raise InputError("没有病例", "no case in it")
    both = lists.hstack(judged.select("discharged", "errors", "warnings", "disposition"))
    more = records.group_by("case_id").agg(more=pl.col("digest"), more_parts=pl.col("parts").str.join(""))
    rank = pl.col("disposition").replace_strict(list(DISPOSITIONS), range(len(DISPOSITIONS)), return_dtype=pl.UInt8)
    both = both.join(more, on="case_id", how="left", maintain_order="left").with_columns(rank=rank)
    one = both.group_by("document", "case_id", maintain_order=True).agg(
        pl.col("digest"),
        pl.col("more").first(),
        pl.col("errors", "warnings", "rank").max(),
        (pl.col("parts").first() + pl.col("more_parts").first().fill_null("")),
        pl.col("hospital", "period", "settled", "total_fen", "group_status", "group_code", "discharged").first(),
    )
    one = one.with_columns(disposition=pl.col("rank").replace_strict(dict(enumerate(DISPOSITIONS))))
    whole = zip(one["digest"].to_list(), one["more"].to_list(), one["disposition"].to_list(), strict=True)
    # A list of which something was not read is not the same as the whole one, though what was read may be.
    digests = [
        content.together([*own, *(other or ())], "part" if what == "cannot_be_judged" else "")
        for own, other, what in whole
    ]
    return one.with_columns(digest=pl.Series(digests, dtype=pl.String)).select(*CASES)


def _further(
    cases: pl.DataFrame, arrived: Sequence[MonthArrived], today: date, intake: Intake
) -> Mapping[str, tuple[int, int]]:
    """Figures for the gate that only receiving knows."""
    figures = baseline.metrics(arrived)
    taking = cases.filter(pl.col("group_status").is_not_null() & (pl.col("group_status") != "excluded"))
    if taking.height:
        figures["grouping_rate"] = (int((taking["group_status"] == "grouped").sum()), taking.height)
    until = timeliness.deadlines(cases.filter(pl.col("document") == "list"), intake).drop_nulls()
    if until.len():
        figures["timely_share"] = (int((until >= today).sum()), until.len())
    return figures


def _findings(found: Report, lists: Path, secret: bytes) -> pl.DataFrame:
    """The findings of cases with their facts, as JSON: the values that their messages name, and a hash of what is masked in them."""
    dumps, compact = partial(json.dumps, ensure_ascii=False), found.compact()
    names = {check: slots.slots(found.checks[check]) for check in compact["check"].unique()}
    rows = compact.select("check", "args", shown=pl.coalesce("hidden", "value")).iter_rows()
    contents = memory.contents(found, compact, lists, secret)
    facts = [
        dumps(
            {
                "value": shown,
                **dict(zip(names[check], (args or "").split(slots.SEPARATOR), strict=False)),
                **({memory.CONTENT: content} if content else {}),
            }
        )
        for (check, args, shown), content in zip(rows, contents, strict=True)
    ]
    worded = found.findings.select("fingerprint", "check", "level", "case_id", "table", "field")
    return worded.with_columns(facts=pl.Series(facts, dtype=pl.String)).filter(pl.col("case_id").is_not_null())


def _write(found: Report, reading: DeliveryReading, cases: pl.DataFrame, staging: Path, secret: bytes) -> None:
    """The frames of a submission: its report, its groups, and its lists, those accepted apart from those returned."""
    report.write(found, staging / "findings.parquet", "parquet")
    _findings(found, staging / "lists", secret).write_parquet(staging / FACTS)
    memory.keys(found, reading.keys, secret).write_parquet(staging / KEYS_FILE)
    cases.write_parquet(staging / CASES_FILE)
    reading.figures.write_parquet(staging / baseline.FILE)
    if (groups := reading.groups) is not None:
        groups.write_parquet(staging / GROUPS_FILE)
    good = cases.filter(pl.col("disposition").is_in(ACCEPTED)).select("case_id").lazy()
    lists = staging / "lists"
    for table in sorted(lists.glob("*/*")):
        rows = pl.scan_parquet(sorted(table.iterdir()), missing_columns="insert", extra_columns="ignore", glob=False)
        for name, how in (("accepted", "semi"), ("returned", "anti")):
            target = staging / name / table.parent.name / f"{table.name}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            rows.join(good, on="case_id", how=how, maintain_order="left").sink_parquet(target)  # type: ignore[arg-type]
    shutil.rmtree(lists, ignore_errors=True)


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder and its SHA-256; each is on the disk when its hash is known."""
    found = dict[str, str]()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        with path.open("rb") as file:
            digest = sha256()
            while block := file.read(1 << 20):
                digest.update(block)
            if os.name != "nt":
                os.fsync(file.fileno())
        found[path.relative_to(folder).as_posix()] = digest.hexdigest()
    return found


def digest_of(found: Report) -> str:
    """A digest of every check that a report knows: its id, level, words and conditions."""
    whole = sha256()
    for name, check in sorted(found.checks.items()):
        rule = found.catalogue.rules.get(name)
        conditions = [each.text for each in (rule.when, rule.expect) if each] if rule else []
        whole.update(f"{name} {check.level} {check.message('zh')} {conditions}\n".encode())
    return whole.hexdigest()[:16]
