"""Settlement data for 4101A: what the short list leaves out (sex, age, amounts) joined from the settlement."""

from __future__ import annotations

from collections.abc import Iterable

from validator.base.lazy import pl
from validator.read.names import keys_in_words
from validator.read.partition import HOUSEKEEPING, Note, Partition, Source
from validator.read.place import Place
from validator.read.shape import key_text
from validator.spec.layouts import Layout

FULL, SHORT = "4101", "4101A"  #: the interface whose case table settlement data follow, and the one they complete


class Settlement:
    """Settlement rows by the key of their case."""

    def __init__(self, parts: Iterable[Partition], file: str, short: Layout) -> None:
        frames = [part.tables[part.case].drop(*HOUSEKEEPING, "case_id") for part in parts]
        rows = pl.concat(frames, how="diagonal_relaxed")
        self._file, self._key = file, next((key for key in short.interface.keys if key in rows.columns), "")
        extra = [name for name in rows.columns if name not in short.tables[short.case].fields]
        if not self._key or not extra:
            zh, en = keys_in_words(short)
            raise Place(file).fault(
                f"结算数据要有{zh}之一，以及 4101A 里没有的 4101 字段，如 gend、age、psn_selfpay",
                f"settlement data need one of {en}, and fields of 4101 that 4101A lacks: gend, age …",
            )
        keyed = rows.select(key_text(self._key).alias("_id"), *extra)
        self._rows = keyed.drop_nulls("_id").unique("_id", keep="first", maintain_order=True).with_columns(_found=True)

    def complete(self, part: Partition) -> None:
        """Add the settlement's fields to the partition's cases; a case without a settlement becomes a note."""
        cases = part.tables[part.case]
        if part.layout != SHORT or self._key not in cases.columns:
            return
        joined = cases.with_columns(_id=key_text(self._key)).join(
            self._rows, on="_id", how="left", maintain_order="left"
        )
        part.tables[part.case] = joined.drop("_id", "_found")
        source = Source(self._file)
        for row in joined.filter(pl.col("_found").is_null()).select("_case").iter_rows():
            part.notes.append(Note("read/no-settlement", part.case, case=row[0], source=source))
