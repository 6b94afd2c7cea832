"""The receipt of a delivery: what was accepted, what is returned and why, and by when it should come again.

A receipt is for one hospital and holds nothing of another: no case, no figure, and no finding that compares its lists with those
of others. Formats: JSON, a workbook, a page, and the findings in the shape of the platform's own answer (4104).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from validator.base import files
from validator.base.language import say
from validator.base.masking import masked, persons
from validator.report.common.words import DISPOSITIONS, RANK, Word
from validator.spec.intake import PlatformWords

State = Literal["accepted", "returned", "held"]
STATES = {
    "accepted": Word("已收下", "accepted"),
    "returned": Word("整批退回", "returned as a whole"),
    "held": Word("挂起待补", "held until the rest arrives"),
}
#: One row per case of a delivery; ``until``: the last day to send it again, null where none is set.
CASES = pl.Schema(
    {
        "hospital": pl.String, "case_id": pl.String, "disposition": pl.String, "errors": pl.UInt32, "warnings": pl.UInt32,
        "total_fen": pl.Int64, "settled": pl.Date, "until": pl.Date,
    }
)  # fmt: skip
#: Findings as reports have them (``checks.findings.SCHEMA``), those columns.
FINDINGS = ("case_id", "check", "level", "table", "field", "value", "message", "fix", "suggested", "applicability")
_FIELD, _TEXT, _VALUE = 100, 100, 60  #: characters of ``exam_data_fld``, ``qltctrl_chkrslt``, ``init_val``
#: Our own values where the profile does not name the platform's.
_LEVELS = {"error": "1", "warning": "2", "info": "3"}
_ELSEWHERE = ("另有事项由医保经办机构核实", "the bureau looks into something more")


@dataclass(frozen=True)
class Delivery:
    """One submission as the bureau sees it, of one hospital or of several."""

    number: str  #: of the submission
    received: datetime
    state: State
    reasons: Sequence[str]  #: of the batch, in words
    period: str  #: yyyymm; blank where there are several months
    profile: str
    cases: pl.DataFrame  #: :data:`CASES`
    findings: pl.DataFrame  #: of :data:`FINDINGS`
    names: Mapping[str, str] = field(default_factory=dict)  #: hospital -> its name
    batch_checks: Collection[str] = ()  #: checks that compare lists with each other
    personal: Mapping[str, str] = field(default_factory=dict)  #: ``table.field`` -> kind of personal data
    words: PlatformWords = field(default_factory=PlatformWords)
    #: Its months against the roll and those before (``baseline.MonthArrived.as_dict``).
    arrival: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Receipt:
    """What one hospital gets of a delivery."""

    delivery: Delivery  #: its own part alone
    hospital: str

    @property
    def name(self) -> str:
        return self.delivery.names.get(self.hospital) or self.hospital

    @property
    def counts(self) -> dict[str, int]:
        """Cases by what becomes of them."""
        found = dict(self.delivery.cases["disposition"].value_counts().iter_rows())
        return {name: found.get(name, 0) for name in DISPOSITIONS}

    @property
    def until(self) -> tuple[date, date] | None:
        """The first and the last of the days until which returned cases are to come again."""
        days = self.delivery.cases.filter(pl.col("disposition").is_in(["return", "cannot_be_judged"]))[
            "until"
        ].drop_nulls()
        return (days.min(), days.max()) if days.len() else None  # type: ignore[return-value]

    def faulty(self, most: int | None = None) -> Iterator[dict[str, Any]]:
        """The cases with findings, gravest first, each with its findings."""
        rank = pl.col("level").replace_strict(RANK, return_dtype=pl.Int8)
        found = self.delivery.findings.sort(rank, maintain_order=True)
        by_case = _by_case(found)
        order = self.delivery.cases.filter(
            (pl.col("errors") + pl.col("warnings") > 0) | (pl.col("disposition") != "accept")
        ).sort("errors", "warnings", "case_id", descending=[True, True, False])
        for case in (order if most is None else order.head(most)).iter_rows(named=True):
            findings = by_case.get(case["case_id"], [])
            returned = case["disposition"] == "return"
            hidden = returned and not any(each["level"] == "error" for each in findings)
            yield case | {"findings": findings, "elsewhere": say(*_ELSEWHERE) if hidden else ""}


def receipts(delivery: Delivery) -> list[Receipt]:
    """A receipt for each hospital of a delivery, in their order."""
    return [of_hospital(delivery, each) for each in delivery.cases["hospital"].unique().drop_nulls().sort()]


def of_hospital(delivery: Delivery, hospital: str) -> Receipt:
    """The receipt of one hospital: its cases alone, its findings alone, personal data hidden.

    Where several hospitals delivered together, findings that compare lists with each other stay with the bureau.
    """
    cases = delivery.cases.filter(pl.col("hospital") == hospital)
    alone = cases.height == delivery.cases.height
    others = set(delivery.cases.filter(pl.col("hospital").ne_missing(hospital))["case_id"])
    found = delivery.findings.filter(pl.col("case_id").is_in(cases["case_id"].implode())).select(FINDINGS)
    # An id that two hospitals use does not say whose list a finding is about.
    found = found.filter(~pl.col("case_id").is_in(list(others)))
    if not alone:
        found = found.filter(~pl.col("check").is_in(list(delivery.batch_checks)))
    own = replace(
        delivery,
        cases=cases,
        findings=hidden(found, delivery.personal),
        names={hospital: delivery.names[hospital]} if hospital in delivery.names else {},
        reasons=delivery.reasons if alone else (),
        arrival=[each for each in delivery.arrival if each["hospital"] == hospital],
    )
    return Receipt(own, hospital)


def _by_case(found: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The findings of each case, in their order."""
    by_case: dict[str, list[dict[str, Any]]] = {}
    for finding in found.iter_rows(named=True):
        by_case.setdefault(finding["case_id"], []).append(finding)
    return by_case


def hidden(found: pl.DataFrame, personal: Mapping[str, str]) -> pl.DataFrame:
    """Findings with personal data hidden wherever they stand; what is hidden already stays as it is."""
    place = pl.concat_str("table", pl.lit("."), "field")
    shown = {name: persons(pl.col(name)) for name in ("value", "message", "suggested")}
    for kind in sorted(set(personal.values())):
        fields = [name for name, each in personal.items() if each == kind]
        for name in ("value", "suggested"):
            shown[name] = (
                pl.when(place.is_in(fields).fill_null(False)).then(masked(pl.col(name), kind)).otherwise(shown[name])
            )
    return found.with_columns(**shown)


def as_dict(receipt: Receipt) -> dict[str, Any]:
    """The receipt as JSON has it."""
    mine = receipt.delivery
    cases = [
        {
            "case_id": case["case_id"], "disposition": case["disposition"], "errors": case["errors"],
            "warnings": case["warnings"], "until": case["until"] and str(case["until"]),
            **({"elsewhere": case["elsewhere"]} if case["elsewhere"] else {}),
            "findings": [{key: finding[key] for key in FINDINGS if key != "case_id"} for finding in case["findings"]],
        }
        for case in receipt.faulty()
    ]  # fmt: skip
    return {
        "submission": mine.number, "hospital": receipt.hospital, "name": receipt.name, "period": mine.period,
        "received": mine.received.isoformat(timespec="seconds"), "state": mine.state, "reasons": list(mine.reasons),
        "arrival": list(mine.arrival), "profile": mine.profile, "cases": mine.cases.height, "counts": receipt.counts,
        "until": [str(day) for day in receipt.until] if receipt.until else None,
        "accepted": mine.cases.filter(pl.col("disposition").str.starts_with("accept"))["case_id"].to_list(),
        "faulty": cases,
    }  # fmt: skip


def as_platform(receipt: Receipt) -> dict[str, Any]:
    """The findings in the shape of an answer to 4104: texts cut to its lengths, values hidden.

    Levels, flags and results are the platform's own where the profile names them (``intake.platform``), else ours:
    ``err_lv`` 1 error, 2 warning, 3 info; ``retn_flag`` 1 returned, 0 not; ``qltctrl_rslt`` 1 failed, 0 passed.
    """
    by_case = _by_case(receipt.delivery.findings)
    cases = receipt.delivery.cases.select("case_id", "disposition").iter_rows()
    rows = ((case, disposition, by_case.get(case, [])) for case, disposition in cases)
    answer = platform_rows(rows, receipt.delivery.words, receipt.delivery.profile)
    head = {"fixmedins_code": receipt.hospital, "fixmedins_name": receipt.name, "setl_ym": receipt.delivery.period}
    return {"infcode": "0", "err_msg": "", "output": head | {"data": answer}}


def platform_rows(
    cases: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]], words: PlatformWords, profile: str
) -> list[dict[str, Any]]:
    """Cases (id, disposition, findings) as an answer to 4104 has them."""
    levels = _LEVELS | {level: raw for raw, level in reversed(list(words.levels.items()))}
    flags = {True: next(iter(words.returned), "1"), False: "0"}
    results = {True: "0", False: "1"} | {passed: raw for raw, passed in reversed(list(words.results.items()))}
    fields = {ours: raw for raw, ours in words.fields.items()}
    answer = []
    for case, disposition, found in cases:
        returned = disposition in ("return", "cannot_be_judged")
        worst = min((each["level"] for each in found), key=RANK.__getitem__, default=None)
        answer.append(
            {
                "setl_id": case, "qltctrl_rslt": results[not returned], "err_lv": levels[worst] if worst else "",
                "retn_flag": flags[returned], "qltctrl_ver": profile[:60],
                "detailinfo": [
                    {
                        "exam_data_fld": _named(each, fields)[:_FIELD], "qltctrl_chkrslt": each["message"][:_TEXT],
                        "err_lv": levels[each["level"]], "retn_flag": flags[each["level"] == "error"],
                        "init_val": (each["value"] or "")[:_VALUE],
                    }
                    for each in found
                ],
            }
        )  # fmt: skip
    return answer


def _named(finding: Mapping[str, Any], fields: Mapping[str, str]) -> str:
    """The field as the platform writes it, else our name of it."""
    place = f"{finding['table']}.{finding['field']}" if finding["field"] else finding["table"]
    return fields.get(place, finding["field"] or finding["table"] or "")


def write(receipt: Receipt, folder: Path) -> list[Path]:
    """Write the receipt below ``folder`` (``receipt.json``, ``.xlsx``, ``.html``, ``4104.json``); gives the files."""
    from validator.intake.report import page, workbook

    folder.mkdir(parents=True, exist_ok=True)
    texts = {"receipt.json": as_dict(receipt), "4104.json": as_platform(receipt)}
    for name, content in texts.items():
        with files.replacing(folder / name) as scratch:
            scratch.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write("receipt", folder / "receipt.html", receipt=receipt)
    workbook.write(folder / "receipt.xlsx", workbook.of_receipt(receipt))
    return [folder / name for name in ("receipt.json", "receipt.xlsx", "receipt.html", "4104.json")]
