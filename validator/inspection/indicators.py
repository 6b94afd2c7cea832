"""The ten indicators of front pages of 2016, and those of TCM of 2017: what the data tell, and what only verdicts do.

Of the indicators 2 to 7 and of TCM the data give an upper bound (no rule contradicts the record); verdicts take its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from validator.base import files, yaml_csv
from validator.base.language import say

RIGHT, WRONG = "对", "错"
EXCELLENT = 90.0  #: no published bound of an excellent page was found
#: The cases that some indicators are about -> a check that is about each of them, and no other.
_AMONG = {"procedures": "RC605", "tcm": "DX702"}
BLANK = pl.col("check").str.ends_with("/required")  #: the findings of blank items
_MONEY = pl.col("check").str.contains(r"\A(RC40|CH|CM9)|baseinfo\.\w*fee")  #: of wrong charges
_COLUMNS = {"number", "title_zh", "title_en", "verdict", "checks", "rows", "of", "sure"}


@dataclass(frozen=True)
class PersonIndicator:
    """An indicator that needs a person's judgement."""

    number: str
    title_zh: str
    title_en: str
    verdict: str  #: its column of the sheet
    checks: tuple[str, ...]  #: beginnings of the checks that contradict it
    rows: str  #: 1: at the first row alone; 2: at others alone
    of: str  #: ``all`` cases, or those with ``procedures``, or of ``tcm``

    @property
    def contradicted(self) -> pl.Expr:
        """The findings that contradict it."""
        found = pl.any_horizontal(pl.col("check").str.starts_with(each) for each in self.checks)
        if self.rows:
            found &= pl.col("row") == 1 if self.rows == "1" else pl.col("row") > 1
        return found


@dataclass(frozen=True)
class Indicator:
    """One indicator with what it rests on."""

    number: str
    title: str
    share: tuple[int, int]  #: numerator, denominator
    basis: str


def bounds() -> dict[str, str]:
    """The numbers of the indicators 2 to 7 and 9, of which the data give a bound -> the cases they are about."""
    return {each.number: each.of for each in judged() if each.of != "tcm"} | {"9": "all"}


def contradictions() -> dict[str, pl.Expr]:
    """Number of an indicator of :func:`bounds` -> the findings that contradict it."""
    return {each.number: each.contradicted for each in judged() if each.of != "tcm"} | {"9": _MONEY}


def judged() -> list[PersonIndicator]:
    """The indicators 2 to 7, and those of TCM, as ``schemas/indicators.csv`` has them."""
    rows = yaml_csv.read_csv(files.data("schemas") / "indicators.csv", _COLUMNS)
    return [
        PersonIndicator(
            cells["number"], cells["title_zh"], cells["title_en"], cells["verdict"], tuple(cells["checks"].split()),
            cells["rows"], cells["of"],
        )
        for _, cells in rows
    ]  # fmt: skip


def indicators(
    findings: pl.DataFrame,
    outcomes: pl.DataFrame,
    scored: pl.DataFrame,
    verdicts: Mapping[str, tuple[int, int]],
    discharged: int | None,
) -> list[Indicator]:
    """All, as far as the data go; those of TCM where there are such cases.

    ``scored``: a row a case; ``verdicts``: column -> (right, judged).
    """
    cases = scored.height
    faults = findings.filter(pl.col("level") != "info").drop_nulls("case_id")
    blank = faults.filter(BLANK)
    required = outcomes.filter(pl.col("check").str.ends_with("/required")).select(pl.col("passed", "failed").sum())
    passed, failed = (int(each) for each in required.row(0))
    data = say("数据", "data")
    found = [
        Indicator(
            "1a", say("首页填报完整率", "Pages that are complete"), (cases - blank["case_id"].n_unique(), cases), data
        ),
        Indicator("1b", say("项目填报完整率", "Items that are filled"), (passed, passed + failed), data),
    ]
    among = _among(outcomes, cases)
    found += [_of_person(each, faults, among[each.of], verdicts) for each in asked(outcomes, cases)]
    money = faults.filter(_MONEY)
    found += [
        Indicator("8", say(f"病案首页数据质量优秀率（{EXCELLENT:g} 分起）", f"Excellent pages (from {EXCELLENT:g} points)"),
                  (scored.filter(pl.col("score") >= EXCELLENT).height, cases), data),
        Indicator("9", say("医疗费用信息准确率", "Right charges"), (cases - money["case_id"].n_unique(), cases), data),
    ]  # fmt: skip
    if discharged:
        found.append(Indicator("10", say("病案首页数据上传率", "Pages sent"), (cases, discharged), data))
    return found


def asked(outcomes: pl.DataFrame, cases: int) -> list[PersonIndicator]:
    """Those that need a person's judgement: of TCM only where there are such cases."""
    among = _among(outcomes, cases)
    return [each for each in judged() if each.of != "tcm" or among["tcm"]]


def _among(outcomes: pl.DataFrame, cases: int) -> dict[str, int]:
    """How many cases each kind of indicator is about."""
    counted = {
        name: outcomes.filter(check=check).select(pl.col("passed", "failed").sum()).row(0)
        for name, check in _AMONG.items()
    }
    return {"all": cases, **{name: min(int(sum(each)), cases) for name, each in counted.items()}}


def _of_person(
    about: PersonIndicator, faults: pl.DataFrame, cases: int, verdicts: Mapping[str, tuple[int, int]]
) -> Indicator:
    """The share by verdicts where there are any, else the bound that no rule contradicts."""
    title = say(about.title_zh, about.title_en)
    if (given := verdicts.get(about.verdict)) and given[1]:
        return Indicator(about.number, title, given, say("抽查结论", "verdicts"))
    wrong = min(faults.filter(about.contradicted)["case_id"].n_unique(), cases)
    basis = say("规则未见矛盾率（上限）", "no rule contradicts it (an upper bound)")
    return Indicator(about.number, title, (cases - wrong, cases), basis)
