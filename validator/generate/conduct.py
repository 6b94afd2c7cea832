"""Stays that look like misconduct (挂名住院、分解住院、体检住院): what the signals of ``zhikong measure`` must find."""

from dataclasses import dataclass, field

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


#: Signal -> the second stay that raises it at the first one.
AGAIN: dict[str, Again] = {
    "SPLIT02": Again(1, {"hi_paymtd": ("5", "4")}),
    "SPLIT03": Again(5, principal="R69.x00"),
    "SPLIT04": Again(20, operated=True),
    "SPLIT05": Again(0, {"fixmedins_code": ("H11010500001", "H11010500002")}),
    "SPLIT06": Again(1, {"dscg_caty": ("04", "03")}),
}
#: Signal -> the charge category of all charges of the stay.
CHARGED = {"BED02": "09", "BED03": "01"}
SIGNALS = (*CHARGED, *AGAIN)


def add(layout: Layout, draw: Draw, share: float, tables: Tables) -> tuple[Tables, pl.DataFrame]:
    """The tables of lists with one signal in ``share`` of the stays, second stays after all others, and the truth.

    A stay that a signal does not fit (no operation, say) stays as it is.
    """
    tables, height = dict(tables), tables[layout.case].height
    ids = case_ids(layout, tables[layout.case])
    bits = pl.Series(draw.bits("conduct"))
    operated = pl.Series(range(height)).is_in(tables["oprninfo"]["_case"].cast(pl.Int64))
    treated = tables["diseinfo"].filter(pl.col("diag_code").str.starts_with("Z51"))["_case"].cast(pl.Int64)
    usual = ~pl.Series(range(height)).is_in(treated)  # tumour treatment comes again as it should
    chosen = usual & (bits % 1000 < int(share * 1000)) & tables[layout.case]["dscg_time"].is_not_null()
    which = bits // 1000 % len(SIGNALS)
    truth = list[tuple[str, str, int, str | None, str, str]]()
    for number, signal in enumerate(SIGNALS):
        rows = chosen & (which == number)
        again = AGAIN.get(signal)
        if again and again.operated:
            rows &= operated
        cases = rows.arg_true().cast(pl.UInt32)
        if again:
            tables = _with_second(layout, tables, cases, again)
        else:
            here = pl.col("_case").is_in(cases.implode())
            kind = pl.when(here).then(pl.lit(CHARGED[signal])).otherwise("med_chrgitm").alias("med_chrgitm")
            tables["iteminfo"] = tables["iteminfo"].with_columns(kind)
        truth += [(name, layout.case, 1, None, signal, signal) for name in ids.gather(cases)]
    return tables, pl.DataFrame(truth, schema=TRUTH, orient="row")


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
    return pl.col(column).str.slice(0, _DAY).str.to_date("%Y-%m-%d")


def _later(column: str) -> pl.Expr:
    moved = (_date(column) + pl.duration(days=pl.col("_days"))).dt.strftime("%Y-%m-%d")
    return pl.concat_str(moved, pl.col(column).str.slice(_DAY)).alias(column)
