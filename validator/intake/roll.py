"""The settlement roll against the lists received: missing, extra, withdrawn, amounts that differ.

A roll is a list of settlements (a table or the answer of a query), or counts by hospital and month as interface 4105 gives them.
Its convention on refunds is stated, never guessed: ``refd_setl_flag`` 1 counts refunded settlements, 0 leaves them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from validator.base.errors import InputError
from validator.base.language import say
from validator.checks import typed_columns
from validator.intake.calendar import MONTH
from validator.read import named_columns
from validator.read.place import Place, quoted

Refunds = Literal["counted", "left_out", "unknown"]
#: What a hospital's code and name are called.
CODES = (
    "fixmedins_code", "定点医药机构编号", "定点医药机构代码", "医疗机构编码", "医疗机构代码", "机构编码", "机构代码",
)  # fmt: skip
NAMES = ("fixmedins_name", "定点医药机构名称", "医疗机构名称", "机构名称", "医院名称")
#: Fields of a roll, and what else they are called.
COLUMNS = {
    "setl_id": ("结算ID", "结算编号", "结算流水号", "结算单号", "settlement"),
    "mdtrt_id": ("就诊ID", "就诊编号", "就诊流水号"),
    "medcasno": ("病案号", "病历号"),
    "hospital": CODES,
    "name": NAMES,
    "settled": ("setl_time", "setl_end_date", "结算时间", "结算日期", "结算结束日期"),
    "discharged": ("dscg_time", "dscgdate", "出院时间", "出院日期"),
    "total": ("medfee_sumamt", "医疗费总额", "医疗费用总额", "总费用", "住院总费用", "费用总额", "total_fee"),
    "refunded": ("refd_setl_flag", "退费结算标志", "退费标志", "是否退费", "退费统计标志"),
    "month": ("setl_ym", "结算年月", "月份", "期间", "period"),
    "cases": ("病例数", "清单数", "结算人次", "人次", "结算笔数", "cnt", "setl_cnt"),
}  # fmt: skip
#: Fields that name a settlement, best first.
KEYS = ("setl_id", "mdtrt_id", "medcasno")
#: A roll read: one row per settlement (``total_fen``, ``refunded``: null where the roll does not say).
ROLL = pl.Schema(
    {
        **dict.fromkeys(KEYS, pl.String), "hospital": pl.String, "settled": pl.Date, "discharged": pl.Date,
        "total_fen": pl.Int64, "refunded": pl.Boolean,
    }
)  # fmt: skip
COUNTS = pl.Schema({"hospital": pl.String, "month": pl.String, "cases": pl.Int64})
#: The lists received: one row per case as it stands now; ``period`` is yyyymm.
RECEIVED = pl.Schema({"hospital": pl.String, "case_id": pl.String, "period": pl.String, "total_fen": pl.Int64})
#: What becomes of a settlement or list, in words. A list of a withdrawn settlement is closed: it counts for nothing more.
STATES: dict[str, tuple[str, str]] = {
    "matched": ("相符", "matches"),
    "differs": ("金额不符", "amount differs"),
    "missing": ("有结算、没有清单", "settlement without a list"),
    "extra": ("有清单、没有结算", "list without a settlement"),
    "withdrawn": ("结算已撤销，清单关闭", "settlement withdrawn, list closed"),
    "refunded": ("结算已撤销，没有清单", "settlement withdrawn, no list"),
    "repeated": ("名册中重复", "repeated in the roll"),
}
#: :func:`reconcile`. ``case_id``: of the list, else the settlement's best key.
CASES = pl.Schema(
    {
        "hospital": pl.String, "month": pl.String, "case_id": pl.String, "state": pl.String, "settled": pl.Date,
        "discharged": pl.Date, "roll_fen": pl.Int64, "list_fen": pl.Int64,
    }
)  # fmt: skip
_TRUE, _FALSE = ("1", "是", "Y", "true", "已退费"), ("0", "否", "N", "false", "未退费", "正常")


@dataclass(frozen=True)
class Roll:
    """What should have been delivered: ``settlements`` (:data:`ROLL`), or ``counts`` (:data:`COUNTS`) where no more is known."""

    settlements: pl.DataFrame | None
    counts: pl.DataFrame | None
    refunds: Refunds
    names: Mapping[str, str]  #: of its hospitals, by code
    file: str

    @property
    def convention(self) -> str:
        """How refunded settlements stand in the roll, in words."""
        return {
            "counted": say("名册计入退费结算（refd_setl_flag = 1）", "the roll counts refunds (refd_setl_flag = 1)"),
            "left_out": say(
                "名册不计退费结算（refd_setl_flag = 0）", "the roll leaves refunds out (refd_setl_flag = 0)"
            ),
            "unknown": say(
                "名册没有说明是否计入退费结算（refd_setl_flag）",
                "the roll does not say whether it counts refunds (refd_setl_flag)",
            ),
        }[self.refunds]


def load(path: Path, hospital: str = "", refunds: Refunds = "unknown") -> Roll:
    """The roll in a CSV, workbook, Parquet file or message.

    ``hospital``: whose it is, where it has no such column. ``refunds``: its convention, where it does not show: a roll with a
    refunded settlement counts them. Raises :class:`~validator.base.errors.InputError` for what is no roll, naming file and row.
    """

    def needed(names: set[str]) -> bool:
        return bool(names & set(KEYS)) or {"month", "cases"} <= names

    lacking = (
        "不是结算名册：要有 结算ID、就诊ID、病案号 之一，或者 结算年月 和 病例数",
        "no settlement roll: it has one of setl_id, mdtrt_id, medcasno, or setl_ym and cases",
    )
    frame = named_columns.rows(path, COLUMNS, needed, lacking)
    if "hospital" not in frame.columns:
        if not hospital:
            raise Place(str(path)).fault(
                "没有医疗机构编码一列，请说明是哪家的名册",
                "has no column of the hospital's code; please name the hospital",
            )
        frame = frame.with_columns(hospital=pl.lit(hospital))
    flag = _flag(path, frame) if "refunded" in frame.columns else pl.Series([None] * frame.height, dtype=pl.Boolean)
    if set(KEYS) & set(frame.columns):
        stated: Refunds = "counted" if flag.any() else refunds
        return Roll(_settlements(path, frame, flag), None, stated, names(frame), str(path))
    of_flag: Refunds = refunds if flag.null_count() == flag.len() else "counted" if flag.any() else "left_out"
    counts = frame.select("hospital", month=_month(path, frame), cases=typed_columns.whole(path, frame, "cases"))
    counts = counts.group_by("hospital", "month", maintain_order=True).agg(pl.col("cases").sum())
    return Roll(None, counts, of_flag, names(frame), str(path))


def names(frame: pl.DataFrame) -> dict[str, str]:
    """The names of hospitals in a table that has them: of each its last one."""
    if "name" not in frame.columns:
        return {}
    return dict(frame.select("hospital", "name").drop_nulls().iter_rows())


def _settlements(path: Path, frame: pl.DataFrame, flag: pl.Series) -> pl.DataFrame:
    nothing = pl.Series([None] * frame.height)
    have = set(frame.columns)
    read = {
        name: typed_columns.days(path, frame, name) if name in have else nothing for name in ("settled", "discharged")
    }
    total = typed_columns.fen(path, frame, "total") if "total" in have else nothing
    keys = {name: frame[name] if name in have else nothing for name in KEYS}
    rows = pl.DataFrame({**keys, "hospital": frame["hospital"], **read, "total_fen": total, "refunded": flag})
    rows = rows.filter(pl.any_horizontal(pl.col(KEYS).is_not_null()))
    return rows.select(pl.col(name).cast(kind) for name, kind in ROLL.items())


def _flag(path: Path, frame: pl.DataFrame) -> pl.Series:
    known = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    strange = sorted(set(frame["refunded"].drop_nulls()) - known.keys())
    if strange:
        raise Place(str(path)).fault(
            f"退费标志“{quoted(strange[0])}”不认识，应为 1（已退费）或 0",
            f"unknown refund flag '{quoted(strange[0])}'; it is 1 or 0",
        )
    return frame["refunded"].replace_strict(known, default=None, return_dtype=pl.Boolean)


def _month(path: Path, frame: pl.DataFrame) -> pl.Series:
    months = frame["month"].str.replace(r"\A([0-9]{4})[-/.年]([0-9]{1,2})月?\z", "$1-$2")
    months = months.str.replace(r"-([0-9])\z", "-0$1").str.replace("-", "")
    wrong = months.filter(~months.str.contains(rf"\A{MONTH}\z").fill_null(False))
    if wrong.len():
        raise Place(str(path)).fault(
            f"结算年月“{quoted(wrong[0])}”应如 202601", f"month '{quoted(wrong[0])}' is not like 202601"
        )
    return months


def reconcile(roll: Roll, received: pl.DataFrame, withdrawn: pl.Series | None = None) -> pl.DataFrame:
    """Every settlement of the roll and every list received, with what becomes of it (:data:`CASES`).

    ``received``: :data:`RECEIVED`, a row per case (its id is the best key that its list has). ``withdrawn``: keys of
    settlements taken back otherwise (4102). Raises :class:`InputError` for a roll of counts, see :func:`by_month`.
    """
    if roll.settlements is None:
        raise counts_alone(roll.file)
    undone = pl.col("refunded").fill_null(False)
    if withdrawn is not None:
        undone |= pl.any_horizontal(pl.col(key).is_in(withdrawn.implode()).fill_null(False) for key in KEYS)
    best = pl.coalesce(KEYS)
    rows = roll.settlements.with_columns(key=best, undone=undone)
    rows = rows.with_columns(  # a refund is often a row of its own with the number of what it undoes
        undone=pl.col("undone").any().over("hospital", "key"),
        nth=pl.int_range(pl.len()).over("hospital", "key", order_by="undone"),
    )
    again = (pl.col("nth") > 0) & ~pl.col("undone")
    rows = rows.filter((pl.col("nth") == 0) | again).with_columns(again=again, place=pl.int_range(pl.len()))
    found = _found(rows.filter(~pl.col("again")), received)
    rows = rows.join(found, on="place", how="left", maintain_order="left")
    has_list = pl.col("case_id").is_not_null()
    state = (
        pl.when("again").then(pl.lit("repeated"))
        .when(pl.col("undone") & has_list).then(pl.lit("withdrawn"))
        .when("undone").then(pl.lit("refunded"))
        .when(~has_list).then(pl.lit("missing"))
        .when(pl.col("total_fen") != pl.col("list_fen")).then(pl.lit("differs"))
        .otherwise(pl.lit("matched"))
    )  # fmt: skip
    month = pl.coalesce(pl.col("settled").dt.strftime("%Y%m"), "period", pl.col("discharged").dt.strftime("%Y%m"))
    rows = rows.with_columns(state=state, month=month, case_id=pl.coalesce("case_id", "key"), roll_fen="total_fen")
    more = received.join(found, on=["hospital", "case_id"], how="anti", maintain_order="left").with_columns(
        state=pl.lit("extra"), month="period", list_fen="total_fen"
    )
    if withdrawn is not None:
        gone = pl.col("case_id").is_in(withdrawn.implode())
        more = more.with_columns(state=pl.when(gone).then(pl.lit("withdrawn")).otherwise("state"))
    return pl.concat([_shaped(rows), _shaped(more)])


def counts_alone(file: str) -> InputError:
    """The words where each settlement is needed and the roll has counts only."""
    return Place(file).fault("名册只有病例数，没有逐笔结算", "the roll has counts alone, no settlements")


def _found(rows: pl.DataFrame, received: pl.DataFrame) -> pl.DataFrame:
    """The list of each settlement that has one (``place``): by the best key first, within the hospital."""
    lists = received.select("hospital", "case_id", "period", list_fen="total_fen").unique(
        ["hospital", "case_id"], keep="last"
    )
    parts = list[pl.DataFrame]()
    for key in KEYS:
        part = rows.drop_nulls(key).select("place", "hospital", case_id=key)
        part = part.unique(["hospital", "case_id"], keep="none")  # what names two settlements names none
        part = part.join(lists, on=["hospital", "case_id"])
        parts.append(part)
        rows = rows.join(part, on="place", how="anti")
        lists = lists.join(part, on=["hospital", "case_id"], how="anti")
    return pl.concat(parts)


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    have = set(frame.columns)
    return frame.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name) for name, kind in CASES.items()
    )


def expected(cases: pl.DataFrame) -> pl.DataFrame:
    """The lists that should be there, by :func:`reconcile`, as timeliness takes them (``timeliness.EXPECTED``)."""
    wanted = cases.filter(pl.col("state").is_in(["matched", "differs", "missing"]))
    return wanted.select("hospital", "case_id", "settled", "discharged")


def wanted(roll: Roll, withdrawn: pl.Series | None = None) -> list[tuple[str, str, int]]:
    """How many lists the roll wants: hospital, month (yyyymm) and number; refunded settlements are left out where they show."""
    counts = roll.counts
    if counts is None:
        cases = reconcile(roll, pl.DataFrame(schema=RECEIVED), withdrawn)
        counts = by_month(roll, pl.DataFrame(schema=RECEIVED), cases).rename({"expected": "cases"})
    return counts.drop_nulls("month").select("hospital", "month", "cases").sort("hospital", "month").rows()


def by_month(roll: Roll, received: pl.DataFrame, cases: pl.DataFrame | None = None) -> pl.DataFrame:
    """Figures by hospital and month: what the roll has (refunded ones apart), what was received, and each of :data:`STATES`.

    ``cases``: of :func:`reconcile`; without it, for a roll of counts, the states are null and ``share`` is of what was received.
    """
    have = received.group_by("hospital", month="period").agg(received=pl.len())
    if cases is None:
        assert roll.counts is not None
        states = roll.counts.rename({"cases": "expected"}).with_columns(
            pl.lit(None, pl.UInt32).alias(s) for s in STATES
        )
    else:
        counted = {state: (pl.col("state") == state).sum().cast(pl.UInt32) for state in STATES}
        states = cases.group_by("hospital", "month").agg(**counted)
        states = states.with_columns(
            expected=(pl.col("matched") + pl.col("differs") + pl.col("missing")).cast(pl.Int64)
        )
    keys = ["hospital", "month"]
    joined = states.join(have, on=keys, how="full", coalesce=True, nulls_equal=True)
    joined = joined.with_columns(pl.col("received").fill_null(0).cast(pl.UInt32))
    share = pl.when(pl.col("expected") > 0).then((pl.col("expected") - pl.col("missing")) / pl.col("expected"))
    if cases is None:
        share = pl.when(pl.col("expected") > 0).then(pl.col("received") / pl.col("expected"))
    return (
        joined.with_columns(share=share)
        .select(*keys, "expected", "received", *STATES, "share")
        .sort(keys, nulls_last=True)
    )
