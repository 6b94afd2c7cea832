"""Charges and payments, exact to the cent: sums are whole fen until they are written."""

import numpy as np
import polars as pl

from validator.generate.draw import Draw, Numbers
from validator.generate.kinds import Kinds, Places

_ROW = np.uint64(64)  #: more rows of one table than any case has
COLUMN = pl.col
_NURSING = {"spga": 12_000, "lv1": 6_000, "scd": 3_000, "lv3": 1_500}  #: fen a day


def charges(seed: int, known: Kinds, kinds: Places, numbers: Numbers, cases: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``iteminfo``: category, ``total`` and its four parts in fen."""
    rows = known.charges.spread(kinds)
    draw = Draw(seed, numbers[rows["_case"]] * _ROW + rows["slot"].to_numpy())
    stay = cases.select(
        every=COLUMN("days").clip(1),
        nursing=pl.sum_horizontal(
            COLUMN(f"{level}_nurscare_days").cast(pl.Int64) * fen for level, fen in _NURSING.items()
        ),
        severity=0.7 + 0.6 * Draw(seed, numbers).unit("severity"),
        bed=Draw(seed, numbers).between("bed", 35, 80) * 100,
    )[rows["_case"]]
    by_days = (
        pl.when(COLUMN("category") == "01").then(COLUMN("every") * COLUMN("bed"))
        .when(COLUMN("category") == "02").then(COLUMN("every") * 2_500)
        .otherwise(COLUMN("nursing"))
    )  # fmt: skip
    usual = COLUMN("yuan") * 100 * COLUMN("severity") * (0.6 + 0.8 * draw.unit("charge"))
    rows = rows.hstack(stay).with_columns(
        total=pl.when(COLUMN("yuan").is_null()).then(by_days).otherwise(usual.floor().cast(pl.Int64))
    )

    def part(subject: str, share: str) -> pl.Expr:
        return (COLUMN("total") * COLUMN(share) * (0.5 + draw.unit(subject))).floor().cast(pl.Int64)

    parts = rows.select(
        "_case",
        "category",
        "total",
        b=part("b", "share_b"),
        own=part("own", "share_own"),
        other=part("other", "share_other"),
    )
    return parts.with_columns(a=COLUMN("total") - COLUMN("b") - COLUMN("own") - COLUMN("other"))


def settle(draw: Draw, items: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Who pays, in fen: the columns ``fund``, ``large``, ``aid``, ``selfpay``, ``ownpay``, ``account``, ``cash``."""
    sums = items.group_by("_case", maintain_order=True).agg(COLUMN("total").sum(), COLUMN("own").sum())
    employee = COLUMN("hi_type") == "310"
    covered = COLUMN("total") - COLUMN("own")
    cases = cases.hstack(sums.select("total", "own")).with_columns(
        selfpay=(covered * (pl.when(employee).then(0.12).otherwise(0.28) + 0.1 * draw.unit("copayment")))
        .floor()
        .cast(pl.Int64)
    )
    funds = covered - COLUMN("selfpay")
    large = (funds - pl.when(employee).then(3_000_000).otherwise(2_000_000)).clip(0) * 4 // 5
    aid = pl.when(~employee & (draw.unit("aid") < 0.06)).then(funds // 12).otherwise(0)
    personal = COLUMN("selfpay") + COLUMN("own")
    account = (
        pl.when(employee)
        .then(pl.min_horizontal(personal, (draw.unit("account") * 400_000).floor().cast(pl.Int64)))
        .otherwise(0)
    )
    cases = cases.with_columns(large=large, aid=aid, account=account)
    return cases.with_columns(fund=funds - COLUMN("large") - COLUMN("aid"), cash=personal - COLUMN("account"))


def payments(draw: Draw, cases: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``payinfo``: ``_case``, fund, fen. Some platforms list the personal account among the funds."""
    employee = COLUMN("hi_type") == "310"
    listed = draw.unit("account listed") < 0.25
    rows = [
        (pl.when(employee).then(pl.lit("310100")).otherwise(pl.lit("390100")), COLUMN("fund"), pl.lit(True)),
        (pl.when(employee).then(pl.lit("330100")).otherwise(pl.lit("390200")), COLUMN("large"), COLUMN("large") > 0),
        (pl.lit("610100"), COLUMN("aid"), COLUMN("aid") > 0),
        (pl.lit("310200"), COLUMN("account"), listed & (COLUMN("account") > 0)),
    ]
    frames = [
        cases.select(COLUMN("_case"), fund_pay_type=fund, fen=fen, there=there).filter("there").drop("there")
        for fund, fen, there in rows
    ]
    return pl.concat(frames).sort("_case", maintain_order=True)


def yuan(fen: str) -> pl.Expr:
    """Fen as yuan, ``1250`` as ``12.50``."""
    return (COLUMN(fen).cast(pl.Decimal(18, 2)) / 100).cast(pl.String)
