"""Hiding personal data: enough is left to find the person in one's own system, not enough to tell who it is."""

import polars as pl


def masked(text: pl.Expr, kind: str) -> pl.Expr:
    """``text`` with personal data hidden. ``kind``: name, id, phone or address, blank = not personal; null stays null."""
    length = text.str.len_chars()
    match kind:
        case "":
            return text
        case "name":
            return pl.when(length > 0).then(text.str.slice(0, 1) + "**").otherwise(text)
        case "address":
            return (
                pl.when(length > 6)
                .then(text.str.slice(0, 6) + "***")
                .otherwise(pl.when(length > 1).then(pl.lit("***")).otherwise(text))
            )
    middle = pl.lit("*").repeat_by((length.cast(pl.Int64) - 5).clip(0)).list.join("")
    return pl.when(length > 7).then(text.str.slice(0, 3) + middle + text.str.tail(2)).otherwise(pl.lit("***"))
