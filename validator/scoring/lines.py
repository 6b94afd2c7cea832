"""Charge lines of each list: how many, and how much money, are on national codes; and codes in force by the table they are of."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from validator.checks.typing import Typing
from validator.read.partition import Partition
from validator.scoring.cells import CODED
from validator.scoring.cells import LINES as TABLE
from validator.scoring.faults import WRONG
from validator.spec.catalogue import Catalogue

CODE, AMOUNT, DAY = "med_list_codg", "det_item_fee_sumamt", "fee_ocur_time"
TABLES = ("drug", "decoction_piece", "preparation", "consumable", "service_item")  #: of codes
#: For each list, null where its lines are not there. Money in fen.
LINES: dict[str, pl.DataType] = {
    "lines": pl.Int64(), "line_money": pl.Int64(),
    "national": pl.Int64(), "national_money": pl.Int64(),  #: with a code as the country builds them, and in force where a table tells
    **{f"{prefix}{table}": pl.Int64() for table in TABLES for prefix in (CODED, WRONG)},
}  # fmt: skip


def of(part: Partition, catalogue: Catalogue) -> pl.DataFrame:
    """:data:`LINES` of each list of a partition."""
    rows, height = part.tables.get(TABLE), part.tables[part.case].height
    if rows is None or CODE not in rows.columns:
        return pl.DataFrame({name: pl.repeat(None, height, dtype=kind, eager=True) for name, kind in LINES.items()})
    fields = catalogue.layouts[part.layout].tables[TABLE].fields
    typed = Typing(catalogue, [fields[name] for name in (CODE, AMOUNT, DAY)]).apply(rows).frame
    lines = typed.select("_case", AMOUNT, code=pl.col(CODE).str.to_uppercase(), day=pl.col(DAY).cast(pl.Date))
    lines = lines.join(_judged(lines, catalogue), on=["code", "day"], how="left", nulls_equal=True)
    good, money = pl.col("state").is_in(["known", "unjudged"]).fill_null(value=False), pl.col(AMOUNT)
    counts = {
        "lines": pl.len(), "line_money": money.sum(), "national": good.sum(), "national_money": money.filter(good).sum(),
        **{f"{CODED}{table}": (pl.col("table") == table).sum() for table in TABLES},
        **{f"{WRONG}{table}": ((pl.col("table") == table) & ~good).sum() for table in TABLES},
    }  # fmt: skip
    by_case = lines.group_by("_case").agg(each.cast(LINES[name]).alias(name) for name, each in counts.items())
    cases = pl.DataFrame({"_case": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    return cases.join(by_case, on="_case", how="left", maintain_order="left").select(*LINES)


def _judged(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """``code, day, state, table`` of each code on each day: ``lookup.CodeVerdict.state``, and the table that its form is of."""
    judge, forms = catalogue.judge, catalogue.patterns["charge_code"].forms
    eras = {day: judge.era(day) for day in lines["day"].unique()}
    by_era: dict[object, list[date | None]] = {}
    for day, era in eras.items():
        by_era.setdefault(era.key, []).append(day)
    codes = lines.select("code", "day").unique().drop_nulls("code")

    def rows() -> Iterator[tuple[str, date | None, str, str | None]]:
        for days in by_era.values():
            own = codes.filter(pl.col("day").is_in(days, nulls_equal=True))
            verdicts = judge.verdicts(forms, own["code"].unique().to_list(), eras[days[0]])
            for code, day in own.iter_rows():
                verdict = verdicts[code]
                yield code, day, verdict.state, verdict.form.table if verdict.form else None

    return pl.DataFrame(
        list(rows()), schema={"code": pl.String, "day": pl.Date, "state": pl.String, "table": pl.String}, orient="row"
    )
