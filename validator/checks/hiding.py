"""Personal data in findings that do not stand in their own field: a column shifted by one must show nobody."""

from collections.abc import Mapping

import polars as pl

from validator.base import masking
from validator.checks.misplaced import ADDRESS_AMONG, SHORTEST, coded
from validator.spec.layouts import FieldRow

_TEXTS = ("value", "args", "suggested")


def hide(
    found: pl.DataFrame, cases: pl.DataFrame, rows: Mapping[str, Mapping[str, FieldRow]], case: str
) -> pl.DataFrame:
    """``found`` (``findings.COMPACT``) without ID and mobile numbers, the case's own names, and names where codes belong.

    ``cases``: the typed table ``case`` of the partition; ``rows``: field rows by table and field.
    """
    if not found.height:
        return found
    found = _misplaced(found, rows)
    found = found.with_columns(masking.persons_texts(found[name]) for name in _TEXTS)
    found = found.with_columns(pl.col("args").str.replace_all(ADDRESS_AMONG, "${1}${2}***"))
    for name in (row.field for row in rows[case].values() if row.personal == "name"):
        if f"raw:{name}" in cases.columns:
            found = _without(found, cases[f"raw:{name}"].gather(found["_case"]), "name")
    return found


def _misplaced(found: pl.DataFrame, rows: Mapping[str, Mapping[str, FieldRow]]) -> pl.DataFrame:
    """Names and addresses where a code, number or date should stand."""
    fields = [f"{table}.{field}" for table, field in coded(rows)]
    here = pl.concat_str("table", pl.lit("."), "field").is_in(pl.Series(fields, dtype=pl.String).implode())
    here = here.fill_null(value=False)
    for pattern, kind in ((masking.NAME_LIKE, "name"), (masking.ADDRESS_LIKE, "address")):
        like = here & pl.col("value").str.contains(pattern) & ~pl.col("value").str.ends_with("族")
        found = _without(found, found.select(pl.when(like).then("value")).to_series(), kind)
    return found


def _without(found: pl.DataFrame, texts: pl.Series, kind: str) -> pl.DataFrame:
    """``found`` with each row's own text hidden in all that it shows."""
    own = pl.DataFrame({"text": texts}).with_row_index("row").filter(pl.col("text").str.len_chars() >= SHORTEST)
    for name in _TEXTS if own.height else ():
        shown = own.with_columns(found[name][own["row"]].alias("shown"))
        hits = shown.filter(pl.col("shown").str.contains(pl.col("text"), literal=True))
        if hits.height:
            every = zip(hits["shown"], hits["text"], masking.masked_texts(hits["text"], kind), strict=True)
            new = pl.Series([text.replace(old, hidden) for text, old, hidden in every], dtype=pl.String)
            found = found.with_columns(found[name].clone().scatter(hits["row"], new))
    return found
