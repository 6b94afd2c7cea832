"""Personal data in findings that do not stand in their own field: a column shifted by one must show nobody."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from validator.base import masking
from validator.base.lazy import pl
from validator.base.regexes import Regex
from validator.base.rows import rows_where
from validator.checks.slots import SEPARATOR
from validator.spec.layouts import FieldRow

if TYPE_CHECKING:
    from collections.abc import Sequence

Texts = list[str | None]

#: Columns of cases -> their roles, in which no person is named; and those that name staff.
UNNAMED = {"record_number": "record", "department": "department"}
STAFF = ("physician", "coder")
_SHORTEST = 2  #: characters of a name; one alone stands in many a text
#: An address among the values that a message shows: what stands before, its beginning, and all that is hidden.
_NUMBER = r"[0-9０-９一二三四五六七八九十百]+(?:号|室|栋|幢|弄|单元|组)"
_ADDRESS_AMONG = rf"(^|{SEPARATOR})([一-鿿][^{SEPARATOR}]{{5}})[^{SEPARATOR}]*{_NUMBER}[^{SEPARATOR}]*"
_NAME, _ADDRESS, _AMONG = map(Regex, (masking.NAME_LIKE, masking.ADDRESS_LIKE, _ADDRESS_AMONG))
_TEXTS = ("value", "args", "suggested")


class Hider:
    """Hides ID and mobile numbers, the case's own names, and names and addresses where codes belong."""

    def __init__(self, rows: Mapping[str, Mapping[str, FieldRow]], case: str) -> None:
        """``rows``: field rows by table and field; ``case``: the table with one row per case."""
        #: In which a code, number or date should stand, and no name or address.
        self._coded = {
            (table, row.field)
            for table, fields in rows.items()
            for row in fields.values()
            if not row.personal and (row.domain or row.type != "string")
        }
        #: The fields with the names of the case's persons.
        self.names = [row.field for row in rows[case].values() if row.personal == "name"]

    def hide(self, table: str, field: str | None, shown: Texts, names: Sequence[str | None]) -> Texts:
        """What a finding shows (value, values of its message, suggestion) without them; ``names``: those of its case."""
        if (table, field) in self._coded:
            for pattern, kind in ((_NAME, "name"), (_ADDRESS, "address")):
                text = shown[0]
                if text and not text.isascii() and pattern.search(text) and not text.endswith("族"):
                    shown = _without(shown, text, kind)
        shown = [text and masking.persons_in(text) for text in shown]
        shown[1] = shown[1] and _AMONG.sub(r"\1\2***", shown[1])
        for name in names:
            shown = _without(shown, name, "name")
        return shown

    def hide_all(self, found: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
        """The same of ``found`` (``findings.COMPACT``); ``cases``: the typed table of the partition's cases."""
        names = [f"raw:{name}" for name in self.names if f"raw:{name}" in cases.columns]
        text = pl.col("_shown")
        shown = found.select(pl.concat_str(_TEXTS, separator=SEPARATOR, ignore_nulls=True).alias("_shown"))
        every = found.hstack(shown).hstack(cases.select(pl.col(names).gather(found["_case"])))
        # a text of ASCII alone shows no address, and a person's name only where that is of ASCII too
        plain = [~_is_wide(pl.col(each)) for each in names]
        perhaps = pl.any_horizontal(_is_wide(text), text.str.contains(masking.ANY_NUMBER), *plain)
        rows = rows_where(every.select(perhaps).to_series())
        if rows.len():
            named = [
                text.str.contains(pl.col(each), literal=True) & (pl.col(each).str.len_chars() >= _SHORTEST)
                for each in names
            ]
            perhaps = pl.any_horizontal(self._misplaced, text.str.contains(masking.ANY_PERSON), *named)
            rows = rows.filter(every[rows].select(perhaps).to_series())
        if rows.is_empty():
            return found
        hidden = [
            self.hide(table, field, texts[: len(_TEXTS)], texts[len(_TEXTS) :])
            for table, field, *texts in every.select("table", "field", *_TEXTS, *names)[rows].rows()
        ]
        changed = pl.DataFrame(hidden, dict.fromkeys(_TEXTS, pl.String), orient="row")
        return found.with_columns(found[name].clone().scatter(rows, changed[name]) for name in _TEXTS)

    @cached_property
    def _misplaced(self) -> pl.Expr:
        """Which findings show a name or an address in a field of codes, or an address in their message."""
        fields = [f"{table}.{field}" for table, field in self._coded]
        coded = pl.concat_str("table", pl.lit("."), "field").is_in(pl.lit(pl.Series(fields, dtype=pl.String).implode()))
        like = pl.any_horizontal(
            pl.col("value").str.contains(each) for each in (masking.NAME_LIKE, masking.ADDRESS_LIKE)
        )
        return (coded & like) | pl.col("args").str.contains(_ADDRESS_AMONG)


def _is_wide(text: pl.Expr) -> pl.Expr:
    return text.str.len_bytes() != text.str.len_chars()


def _without(shown: Texts, text: str | None, kind: str) -> Texts:
    """The texts with another one hidden in all of them."""
    if text is None or len(text) < _SHORTEST:
        return shown
    hidden = masking.masked_text(text, kind)
    return [each and each.replace(text, hidden) for each in shown]
