"""What a delivery leaves to be compared with later ones without keeping any value: what must not stand on two lists, and the
contents of cells that findings show masked. Both are hashes keyed by the ledger's own secret.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from validator.api import Report
from validator.checks import slots
from validator.checks.typing import Typing
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue

#: The values that a rule compares over a batch, joined; ``_part``, ``_case``: places of partition and case.
VALUES: dict[str, Any] = {
    "check": pl.String, "_part": pl.UInt32, "_case": pl.UInt32, "document": pl.String, "case_id": pl.String, "values": pl.String,
}  # fmt: skip
#: What is kept of them.
KEYS: dict[str, Any] = {"document": pl.String, "case_id": pl.String, "check": pl.String, "digest": pl.String}
CONTENT = "content"  #: the fact that stands for what is masked
_MASKED, _BETWEEN = "*", "\x1f"
_SIZE = 16  #: bytes of a hash


def of_partition(catalogue: Catalogue, part: Partition, place: int) -> Iterator[pl.DataFrame]:
    """The values that must not repeat over a batch (:data:`VALUES`), a frame for each rule of which the partition has all fields."""
    layout = catalogue.layouts[part.layout]
    ids = part.tables[part.case]["case_id"]
    for rule in catalogue.rules.values():
        if rule.shape != "unique" or rule.spec["within"] != "batch" or rule.on not in part.tables:
            continue
        table, frame = layout.tables.get(rule.on), part.tables[rule.on]
        names = [name for name in rule.spec["keys"] if table and name in table.fields and name in frame.columns]
        if not table or len(names) < len(rule.spec["keys"]):
            continue
        typed = Typing(catalogue, [table.fields[name] for name in names]).apply(frame).frame
        values = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=_BETWEEN)
        rows = typed.select(values=values).with_columns(frame["_case"], case_id=ids.gather(frame["_case"]))
        rows = rows.filter(pl.col("values").is_not_null()).with_columns(
            check=pl.lit(rule.id), _part=pl.lit(place, pl.UInt32), document=pl.lit(layout.interface.document)
        )
        yield rows.select(*VALUES)


def keys(found: Report, values: pl.DataFrame, secret: bytes) -> pl.DataFrame:
    """The hashes (:data:`KEYS`) of the values that rules could judge."""
    judged = values.join(found.keyed().unique(), on=["check", "_part", "_case"], how="semi", maintain_order="left")
    texts = judged.select(pl.concat_str("check", pl.lit(_BETWEEN), "values")).to_series()
    digests = pl.Series([_hash(text, secret) for text in texts], dtype=pl.String)
    return judged.with_columns(digest=digests).select(*KEYS).unique(maintain_order=True)


def contents(found: Report, compact: pl.DataFrame, lists: Path, secret: bytes) -> list[str | None]:
    """For each finding (``findings.COMPACT``) that shows something masked the hash of what its cells really hold, else null.

    ``lists``: the folder with the delivery's tables; a finding is of its own field and of the personal ones that its words name.
    """
    shown = pl.concat_str(pl.col("value").fill_null(""), pl.col("args").fill_null(""))
    rows = compact.with_row_index("_n").filter(
        shown.str.contains(_MASKED, literal=True), pl.col("case_id").is_not_null()
    )
    digests: list[str | None] = [None] * compact.height
    for (check, table, field), some in rows.group_by("check", "table", "field"):
        named = [
            name for name in slots.slots(found.checks[str(check)]) if f"{table}.{name}" in found.catalogue.personal
        ]
        fields = list(dict.fromkeys((*([str(field)] if field else []), *named)))
        cells = _cells(lists, str(table), fields, some["case_id"])
        for number, case, row in some.select("_n", "case_id", "row").iter_rows():
            if text := cells.get((case, row or 1)):
                digests[number] = _hash(text, secret)
    return digests


def _cells(lists: Path, table: str, fields: list[str], cases: pl.Series) -> Mapping[tuple[str, int], str]:
    """What the fields of each row of some cases hold, by case and place of the row in it."""
    found = dict[tuple[str, int], str]()
    for folder in sorted(lists.glob(f"*/{table}")):
        rows = pl.scan_parquet(sorted(folder.iterdir()), missing_columns="insert", extra_columns="ignore", glob=False)
        have = [name for name in fields if name in rows.collect_schema().names()]
        own = rows.filter(pl.col("case_id").is_in(cases.implode())).select(
            "case_id",
            row=pl.int_range(1, pl.len() + 1).over("case_id"),
            text=pl.concat_str([pl.col(name).fill_null("") for name in have], separator=_BETWEEN)
            if have
            else pl.lit(""),
        )
        for case, row, text in own.collect().iter_rows():
            found[case, row] = found.get((case, row), "") + text
    return found


def _hash(text: str, secret: bytes) -> str:
    return blake2b(text.encode(), key=secret, digest_size=_SIZE).hexdigest()
