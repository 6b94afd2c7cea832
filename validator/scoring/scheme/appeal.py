"""Appeals: contested cases that were judged again, by a file or by what the ledger accepted, counted anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from validator.base.errors import InputError
from validator.checks import typed_columns
from validator.read.place import Place, quoted
from validator.scoring.faults import ACCURACY, dip_checks
from validator.scoring.formulas import Formula
from validator.scoring.measures import measures
from validator.scoring.scheme import given_tables
from validator.scoring.scheme.given_tables import HOSPITAL_CODE, IndicatorValue, Values

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger

COLUMNS = {
    "hospital": HOSPITAL_CODE, "case_id": ("setl_id", "结算ID", "病例", "病例号"), "measure": ("指标", "指标代码"),
    "way": ("改判", "改判为", "结论"), "author": ("认定人", "评定人"), "date": ("日期", "认定日期"), "evidence": ("依据", "证据", "佐证"),
}  # fmt: skip
_WAYS = {
    "yes": "yes",
    "计入": "yes",
    "是": "yes",
    "no": "no",
    "不计入": "no",
    "否": "no",
    "excluded": "excluded",
    "不参加": "excluded",
    "剔除": "excluded",
}
#: Way -> what a case adds to numerator and denominator of a share of cases.
_ADDS = {"yes": (1, 1), "no": (0, 1), "excluded": (0, 0), "unjudged": (0, 0)}


@dataclass(frozen=True)
class Rejudged:
    """A case that counts otherwise for a measure than it was measured."""

    hospital: str
    case_id: str
    measure: str
    way: str  #: yes: counts in numerator and denominator, no: in the denominator alone, excluded: in neither
    author: str
    date: date
    evidence: str


def read(path: Path) -> list[Rejudged]:
    """The cases of a file; :class:`~validator.base.errors.InputError` names a row that is wrong."""
    lacking = (
        "不是改判文件，应有机构编码、病例、指标、改判、认定人、日期、依据七列",
        "no file of appeals; it should have the columns hospital, case_id, measure, way, author, date, evidence",
    )
    rows = given_tables.table(path, COLUMNS, lambda names: names == COLUMNS.keys(), lacking)
    days, found = typed_columns.days(path, rows, "date"), list[Rejudged]()
    for at, (row, day) in enumerate(zip(rows.iter_rows(named=True), days, strict=True), 1):
        if blank := [name for name in COLUMNS if row[name] is None]:
            raise Place(str(path)).fault(f"第 {at} 行数据：{blank[0]} 空着", f"data row {at}: {blank[0]} is blank")
        if row["way"] not in _WAYS:
            raise Place(str(path)).fault(
                f"第 {at} 行数据：改判应为 计入、不计入 或 不参加", f"data row {at}: way is yes, no or excluded"
            )
        found.append(Rejudged(**{**row, "way": _WAYS[row["way"]], "date": day}))
    return found


def of_ledger(ledger: "Ledger", ways: pl.DataFrame) -> list[Rejudged]:
    """The cases whose findings the bureau accepted in the ledger, so that nothing speaks against them for a measure any more."""
    from sqlalchemy import select

    from validator.intake.ledger.models import CaseVersion, Decision, Finding

    known = dict(zip(ways["case_id"], ways["hospital"], strict=True))
    of_cases = dict[tuple[str, str], list[Finding]]()
    with ledger.reading() as session:
        standing = select(Finding).join(CaseVersion, Finding.last_version == CaseVersion.id)
        for each in session.execute(standing.where(CaseVersion.standing == "current").order_by(Finding.id)).scalars():
            if each.case_id in known:
                of_cases.setdefault((each.hospital, each.case_id), []).append(each)
        accepted = {
            each.finding: each
            for each in session.execute(
                select(Decision).where(Decision.action == "accept").order_by(Decision.id)
            ).scalars()
        }
        found = list[Rejudged]()
        for (hospital, case_id), findings in of_cases.items():
            for measure, speaks in _AGAINST.items():
                own = [each for each in findings if speaks(each.check_id, each.level)]
                taken = [accepted[each.id] for each in own if each.state == "accepted" and each.id in accepted]
                if taken and not [each for each in own if each.state in ("open", "justified", "rejected")]:
                    last = taken[-1]
                    day = date.fromisoformat(last.at[:10])
                    found.append(Rejudged(hospital, case_id, measure, "yes", last.actor, day, last.reason))
    return found


def _in(*checks: str) -> Callable[[str, str], bool]:
    return lambda check, _level: check in checks


_ONE = Formula().bottom  #: the denominator of shares of cases
#: Measure -> whether a finding of this check and level speaks against a case.
_AGAINST: dict[str, Callable[[str, str], bool]] = {
    "passed": lambda _check, level: level == "error",
    "complete_cases": lambda check, level: check.endswith("/required") and level != "info",
    **{f"accurate_{name}": _in(*checks) for name, checks in ACCURACY.items()},
    **{f"dip_{name}": _in(*checks) for name, checks in dip_checks().items()},
}


def recounted(values: Values, ways: pl.DataFrame, rejudged: Sequence[Rejudged]) -> tuple[Values, list[Rejudged]]:
    """The values with the cases counted anew, and those of the cases that count otherwise than before.

    ``ways``: which way each case went (``measures.ways``, with ``hospital``). Raises
    :class:`~validator.base.errors.InputError` for a case that is not there, or a measure that is no share of cases.
    """
    shares = {
        each.id
        for each in measures()
        if each.unit == "share" and each.formula.over == "stays" and each.formula.bottom.meta.eq(_ONE)
    }
    changed = list[Rejudged]()
    made: dict[str, dict[str, IndicatorValue]] = {code: dict(own) for code, own in values.items()}
    before = _before(ways, rejudged)
    for each in rejudged:
        if each.measure not in shares:
            raise InputError(
                f"改判：指标 {quoted(each.measure)} 不是按病例计的比例",
                f"appeal: {quoted(each.measure)} is no share of cases",
            )
        way = before.get((each.hospital, each.case_id, each.measure))
        value = made.get(each.hospital, {}).get(each.measure)
        if way is None or value is None or value.denominator is None:
            raise InputError(
                f"改判：{quoted(each.hospital)} 没有病例 {quoted(each.case_id)}",
                f"appeal: {quoted(each.hospital)} has no case {quoted(each.case_id)}",
            )
        if way != each.way:
            made[each.hospital][each.measure] = _moved(value, way, each.way)
            changed.append(each)
    return made, changed


def _before(ways: pl.DataFrame, rejudged: Sequence[Rejudged]) -> Mapping[tuple[str, str, str], str]:
    """Hospital, case and measure -> the way that the case went."""
    names = sorted({each.measure for each in rejudged} & set(ways.columns))
    rows = ways.filter(pl.col("case_id").is_in([each.case_id for each in rejudged]))
    return {
        (row["hospital"], row["case_id"], name): str(row[name])
        for row in rows.select("hospital", "case_id", *names).iter_rows(named=True)
        for name in names
    }


def _moved(value: IndicatorValue, old: str, new: str) -> IndicatorValue:
    assert value.denominator is not None
    top, bottom = (there - here for here, there in zip(_ADDS[old], _ADDS[new], strict=True))
    return replace(
        value, numerator=value.numerator + Fraction(top), denominator=value.denominator + Fraction(bottom),
        unjudged=value.unjudged - (old == "unjudged"),
    )  # fmt: skip
