"""Stays that look like misconduct (挂名住院、分解住院、高套、推诿危重): what the signals of ``zhikong measure`` must find.

Signals of cost and length are held against the group of a stay: they show where a grouping scheme is loaded.
"""

from dataclasses import dataclass, field
from datetime import date

import polars as pl

from validator.generate.draw import Draw
from validator.generate.plant import TRUTH, case_ids
from validator.spec.layouts import Layout

Tables = dict[str, pl.DataFrame]
_DAY = len("2026-01-31")
_KEYS = ("setl_id", "mdtrt_id", "bill_no", "biz_sn")


@dataclass(frozen=True)
class Again:
    """A second stay of the same person: so many days after discharge, without operations unless it is about them."""

    days: int
    change: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  #: field of the list -> value, and another one where that is there
    principal: str = ""  #: another principal diagnosis
    operated: bool = False  #: both stays have an operation


#: Signal -> the second stay that raises it at the first one; of EARLY, the first one is cut short and cheap besides.
AGAIN: dict[str, Again] = {
    "EARLY": Again(1),
    "SPLIT02": Again(1, {"hi_paymtd": ("5", "4")}),
    "SPLIT03": Again(5, principal="R69.x00"),
    "SPLIT04": Again(20, operated=True),
    "SPLIT05": Again(0, {"fixmedins_code": ("H11010500001", "H11010500002")}),
    "SPLIT06": Again(1, {"dscg_caty": ("04", "03")}),
}
#: Signal -> the charge category of all charges of the stay.
CHARGED = {"BED02": "09", "BED03": "01"}
#: Signal -> how many times its days a stay lasts (0: one day) and costs.
CHANGED = {"INDICATION": (0, 0.1), "UPCODED": (1, 0.1), "LONG": (9, 1), "EARLY": (0, 0.1)}
#: The hospital whose critical cases vanish in the later half of the time (REFUSE03).
REFUSING = "H11010500001"
HALF = date(2026, 1, 1)
SIGNALS = (*CHARGED, *AGAIN, *(name for name in CHANGED if name not in AGAIN))
_FITTING = {"UPCODED": (3, 365), "EARLY": (5, 14)}  #: days of the stays that a signal fits; any else
_CRITICAL = ("vent_used_dura", "spga_nurscare_days")
_LAST = ("dscg_time", "setl_end_date")  #: moments of the list that lie at the end of the stay


def add(layout: Layout, draw: Draw, share: float, tables: Tables) -> tuple[Tables, pl.DataFrame]:
    """The tables of lists with one signal in ``share`` of the stays, second stays after all others, and the truth.

    A stay that a signal does not fit (no operation, a planted date that is none) stays as it is.
    """
    tables, height = dict(tables), tables[layout.case].height
    ids = case_ids(layout, tables[layout.case])
    bits = pl.Series(draw.bits("conduct"))
    operated = pl.Series(range(height)).is_in(tables["oprninfo"]["_case"].cast(pl.Int64).implode())
    treated = tables["diseinfo"].filter(pl.col("diag_code").str.starts_with("Z51"))["_case"].cast(pl.Int64)
    usual = ~pl.Series(range(height)).is_in(treated.implode())  # tumour treatment comes again as it should
    days = tables[layout.case].select((_date("dscg_time") - _date("adm_time")).dt.total_days()).to_series()
    chosen = usual & (bits % 1000 < int(share * 1000)) & days.is_not_null()
    which = bits // 1000 % len(SIGNALS)
    truth = list[tuple[str, str, int | None, str | None, str, str]]()
    for number, signal in enumerate(SIGNALS):
        rows = chosen & (which == number)
        again = AGAIN.get(signal)
        if again and again.operated:
            rows &= operated
        if signal in CHANGED:
            rows &= days.is_between(*_FITTING.get(signal, (0, 365))).fill_null(value=False)
        cases = rows.arg_true().cast(pl.UInt32)
        if again:
            tables = _with_second(layout, tables, cases, again)
        if signal in CHANGED:
            tables = _changed(layout, tables, cases, *CHANGED[signal])
        if signal in CHARGED:
            here = pl.col("_case").is_in(cases.implode())
            kind = pl.when(here).then(pl.lit(CHARGED[signal])).otherwise("med_chrgitm").alias("med_chrgitm")
            tables["iteminfo"] = tables["iteminfo"].with_columns(kind)
        shown = (signal, "INDICATION") if signal == "EARLY" else (signal,)  # a day at a tenth of the cost is both
        truth += [(name, layout.case, 1, None, each, signal) for name in ids.gather(cases) for each in shown]
    tables = _without_critical(layout, tables)
    truth.append((REFUSING, layout.case, None, None, "REFUSE03", "REFUSE03"))
    return tables, pl.DataFrame(truth, schema=TRUTH, orient="row")


def _changed(layout: Layout, tables: Tables, cases: pl.Series, times: float, share: float) -> Tables:
    """The tables with some stays longer or shorter, and with another share of their money."""
    chosen = pl.col("_case").is_in(cases.implode())
    found = dict(tables)
    for name, frame in tables.items():
        rows = layout.tables[name].fields.values()
        money = [row.field for row in rows if row.type == "number" and (row.length, row.scale) == (16, 2)]
        less = [
            pl.when(chosen).then((pl.col(field).cast(pl.Decimal(18, 2), strict=False) * share).round(2).cast(pl.String)).otherwise(field)
            for field in money
            if frame[field].null_count() < frame.height
        ]  # fmt: skip
        found[name] = frame.with_columns(less) if share != 1 else frame
    length = (_date("dscg_time") - _date("adm_time")).dt.total_days()
    lists = found[layout.case].with_columns(_days=(length * times).clip(1).cast(pl.Int64) - length)
    changes = [
        pl.when(chosen).then(_later(name)).otherwise(name).alias(name) for name in _LAST if name in lists.columns
    ]
    stated = pl.when(chosen).then((length + pl.col("_days")).cast(pl.String)).otherwise("act_ipt_days")
    found[layout.case] = lists.with_columns(*changes, act_ipt_days=stated).drop("_days")
    return found


def _without_critical(layout: Layout, tables: Tables) -> Tables:
    """The tables without intensive care, ventilators and nursing of the special grade in one hospital's later half."""
    lists = tables[layout.case]
    here = (pl.col("fixmedins_code") == REFUSING) & (_date("dscg_time") >= HALF)
    cases = lists.filter(here)["_case"]
    nothing = [pl.when(here).then(None).otherwise(name).alias(name) for name in _CRITICAL if name in lists.columns]
    care = tables["icuinfo"].filter(~pl.col("_case").is_in(cases.implode()))
    return {**tables, layout.case: lists.with_columns(nothing), "icuinfo": care}


def _with_second(layout: Layout, tables: Tables, cases: pl.Series, again: Again) -> Tables:
    """The tables with a second stay for each of some cases."""
    first = tables[layout.case][cases]
    length = (_date("dscg_time") - _date("adm_time")).dt.total_days() + again.days
    later = first.select(_case=cases, _new=pl.int_range(pl.len()) + tables[layout.case].height, _days=length)
    found = dict[str, pl.DataFrame]()
    for name, frame in tables.items():
        if name == "oprninfo" and not again.operated:
            found[name] = frame
            continue
        rows = frame.join(later, on="_case", how="inner", maintain_order="left")
        moments = [
            row.field
            for row in layout.tables[name].fields.values()
            if row.type in ("date", "datetime") and row.field != "brdy"
        ]
        rows = rows.with_columns(_later(column) for column in moments if column in rows.columns)
        rows = rows.with_columns(pl.col("_new").cast(pl.UInt32).alias("_case"))
        if name == layout.case:
            rows = _another(rows, again)
        if name == "diseinfo" and again.principal:
            head = (pl.col("maindiag_flag") == "1") & (pl.col("diag_type") == "1")
            rows = rows.with_columns(
                pl.when(head).then(pl.lit(again.principal)).otherwise("diag_code").alias("diag_code")
            )
        found[name] = pl.concat([frame, rows.select(frame.columns)])
    return found


def _another(rows: pl.DataFrame, again: Again) -> pl.DataFrame:
    """The rows of second stays: keys of their own, and what else differs."""
    columns = [(pl.col(name) + "X").alias(name) for name in _KEYS if name in rows.columns]
    columns += [
        pl.when(pl.col(name) == value).then(pl.lit(other)).otherwise(pl.lit(value)).alias(name)
        for name, (value, other) in again.change.items()
    ]
    return rows.with_columns(columns)


def _date(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, _DAY).str.to_date("%Y-%m-%d", strict=False)


def _later(column: str) -> pl.Expr:
    moved = (_date(column) + pl.duration(days=pl.col("_days"))).dt.strftime("%Y-%m-%d")
    return pl.coalesce(pl.concat_str(moved, pl.col(column).str.slice(_DAY)), column).alias(column)
