"""What the findings say of each list, as counts that measures read."""

from collections import Counter as Counts
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from validator.base import files, yaml_csv
from validator.scoring.cells import LINES, Counter

if TYPE_CHECKING:
    from validator.api import Report

WRONG = "wrong:"  #: prefix of the columns of code cells that stand in no table in force, by table of codes
#: What must be right -> the comparisons with the case record (``schemas/story``) and with charge lines that speak against it.
ACCURACY = {
    "principal_diagnosis": ("ST301", "ST302"), "other_diagnoses": ("ST303", "ST304", "FL316"),
    "principal_procedure": ("ST311", "FL301"), "other_procedures": ("ST313", "ST314"),
}  # fmt: skip
#: Other checks whose findings are counted, by column.
_OTHERS = {"outside_stay": ("FL102",)}
#: Classes of rules by which DIP is supervised, and what people call them.
DIP_CLASSES = {
    "compliance": ("合规性", "compliance"), "against_high": ("反套高", "against upcoding"),
    "against_low": ("反套低", "against undercoding"),
}  # fmt: skip
_OF_CODES = ("pattern", "not_in_table", "not_in_force", "wrong_edition", "type", "length", "placeholder")


@dataclass(frozen=True)
class DipRule:
    """A row of ``schemas/scoring/dip_rules.csv``: a check with its page, and the class in which it counts."""

    class_: str
    check: str
    note_zh: str
    note_en: str


@cache
def dip_rules() -> tuple[DipRule, ...]:
    """All of them, class by class."""
    path = files.data("schemas") / "scoring" / "dip_rules.csv"
    rows = [cells for _, cells in yaml_csv.read_csv(path, {"class", "check", "note_zh", "note_en"})]
    return tuple(DipRule(cells["class"], cells["check"], cells["note_zh"], cells["note_en"]) for cells in rows)


def dip_checks() -> dict[str, list[str]]:
    """Class of :data:`DIP_CLASSES` -> its checks."""
    return {name: [rule.check for rule in dip_rules() if rule.class_ == name] for name in DIP_CLASSES}


def faults(report: "Report", counter: Counter) -> pl.DataFrame:
    """A row for each case with findings: ``case_id`` and counts. Cases that share a ``case_id`` share their findings.

    ``must_missing``: required cells that are blank; ``grouping_missing``: those of them that influence grouping; ``wrong:…``:
    code cells that are wrong; ``contradicted`` and ``against:…``: what the other documents contradict; ``outside_stay``: charge
    lines that are not of the stay; ``dip:…``: what the rules of a class of supervision doubt.
    """
    kinds = _kinds(report, counter)
    parts = [part.select("case_id", "check") for part in report.iter_compact()]
    found = pl.concat([pl.DataFrame(schema={"case_id": pl.String, "check": pl.String}), *parts]).drop_nulls("case_id")
    return found.group_by("case_id").agg(
        pl.col("check").is_in(checks).sum().cast(pl.Int64).alias(column) for column, checks in kinds.items()
    )


def _kinds(report: "Report", counter: Counter) -> dict[str, list[str]]:
    """Column -> the checks whose findings it counts."""
    catalogue = report.catalogue
    lists = [name for name in report.cases["layout"].unique() if catalogue.layouts[name].interface.document == "list"]
    own = {check for name in lists for check in catalogue.checks(name)}  # records have required cells of their own
    required = [
        each
        for each in report.checks.values()
        if each.aspect == "required" and each.level != "info" and each.id in own and each.table != LINES
    ]
    compared = {pair.id for pair in report.catalogue.story.pairs}
    against = [each.id for each in report.checks.values() if each.id in compared and each.level != "info"]
    kinds = {
        "must_missing": [each.id for each in required],
        "grouping_missing": [each.id for each in required if (each.table, each.field) in counter.grouping],
        "contradicted": against,
        **{f"against:{name}": list(checks) for name, checks in ACCURACY.items()},
        **{name: list(checks) for name, checks in _OTHERS.items()},
        **{f"dip:{name}": checks for name, checks in dip_checks().items()},
    }
    standards = counter.standards
    kinds |= {f"{WRONG}{code_table}": [] for code_table in standards.values()}
    for check in report.checks.values():
        if (
            check.aspect in _OF_CODES
            and check.id in own
            and (code_table := standards.get((check.table, check.field or "")))
        ):
            kinds[f"{WRONG}{code_table}"].append(check.id)
    return kinds


def of_dip_rules(report: "Report") -> Counts[str]:
    """Cases with findings of each of :func:`dip_rules`, by check."""
    wanted = [rule.check for rule in dip_rules()]
    parts = [part.filter(pl.col("check").is_in(wanted)).select("case_id", "check") for part in report.iter_compact()]
    found = pl.concat([pl.DataFrame(schema={"case_id": pl.String, "check": pl.String}), *parts]).unique()
    return Counts(dict(found["check"].value_counts().iter_rows()))
