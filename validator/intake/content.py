"""The content of a list as a digest: the same whatever the order of lists, the encoding or the packing they came in."""

from collections.abc import Iterable
from hashlib import blake2b

import polars as pl

from validator.read.partition import HOUSEKEEPING, KEY, Partition

_SIZE = 16  #: bytes of a digest
_SHORT = 8  #: letters of the digest of a single table, to say what changed


def fields(frame: pl.DataFrame) -> list[str]:
    """The columns that are content: official fields, but not where rows came from nor which case they are of."""
    aside = (*HOUSEKEEPING, "_of_list", "case_id")
    return sorted(name for name in frame.columns if name not in aside and not name.startswith(KEY))


def of_partition(part: Partition) -> pl.DataFrame:
    """One row per case, in the order of its table: ``digest`` (Binary) and ``parts`` (each table and its short digest).

    A table's rows count in their order; a table without rows of the case, and a field without text, count as not there:
    so a list as a message and in a workbook has one digest.
    """
    height = part.tables[part.case].height
    whole = [blake2b(digest_size=_SIZE) for _ in range(height)]
    parts = [""] * height
    for name, frame in sorted(part.tables.items()):
        for case, text in _texts(frame):
            digest = blake2b(text.encode(), digest_size=_SIZE)
            whole[case].update(name.encode() + b"\0" + digest.digest())
            parts[case] += f"{name}:{digest.hexdigest()[:_SHORT]} "
    return pl.DataFrame(
        {"digest": [each.digest() for each in whole], "parts": parts}, {"digest": pl.Binary, "parts": pl.String}
    )


def _texts(frame: pl.DataFrame) -> Iterable[tuple[int, str]]:
    """The rows of each case as one text: every value with its field and length, so that no two contents give the same."""
    names = fields(frame)
    if not names or not frame.height:
        return ()
    values = [
        pl.when(pl.col(name) != "").then(
            pl.concat_str(pl.lit(f"{name}:"), pl.col(name).str.len_bytes(), pl.lit(":"), pl.col(name))
        )
        for name in names
    ]
    rows = frame.select("_case", "_row", row=pl.concat_str(values, ignore_nulls=True)).sort("_case", "_row")
    return rows.group_by("_case", maintain_order=True).agg(pl.col("row").str.join("\n")).iter_rows()


def together(digests: Iterable[bytes], name: str = "") -> str:
    """One digest of several, whatever their order, under a name."""
    whole = blake2b(name.encode() + b"\0", digest_size=_SIZE)
    for each in sorted(digests):
        whole.update(each)
    return whole.hexdigest()
