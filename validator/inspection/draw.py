"""Cases drawn for inspection: the same seed draws the same cases."""

import numpy as np
import polars as pl

WAYS = ("random", "stratified", "risk")
_ERROR, _WARNING = 5, 1  #: how much more likely a case is drawn by risk for each of its faults


def draw(cases: pl.DataFrame, number: int, by: str, seed: int) -> pl.DataFrame:
    """At most ``number`` of the cases, in their order.

    ``random``: each is as likely; ``stratified``: departments have their share, each of them one at least as far as the number
    goes; ``risk``: a case is the likelier the more errors and warnings it has.
    """
    chance = np.random.default_rng(seed).random(cases.height)
    match by:
        case "stratified":
            placed = cases.with_columns(_chance=pl.Series(chance)).with_columns(
                _place=pl.col("_chance").rank("ordinal").over("department"), _size=pl.len().over("department")
            )
            key = placed.select(key=(pl.col("_place") - 1) / pl.col("_size") + pl.col("_chance") * 1e-9)[
                "key"
            ].to_numpy()
        case "risk":
            weight = 1 + cases["errors"].to_numpy() * _ERROR + cases["warnings"].to_numpy() * _WARNING
            key = -(chance ** (1 / weight))
        case _:
            key = chance
    return cases[np.sort(np.argsort(key, kind="stable")[:number])]
