"""Finding the case of each row of a child table by the keys that both tables have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from validator.base.distinct import keys_of, places
from validator.base.errors import InputError
from validator.base.lazy import np, pl
from validator.base.rows import rows_where
from validator.read.names import called
from validator.read.partition import KEY, Note
from validator.read.place import Place
from validator.read.shape import ShapedTable, key_text
from validator.spec.layouts import Layout

_NAMED = 5  #: lines that an error names


class CaseFinder:
    """Finds the cases of child rows by their keys."""

    def __init__(self, layout: Layout, cases: pl.DataFrame, sheets: Sequence[ShapedTable]) -> None:
        self.layout, self.cases, self._known = layout, cases, dict[str, pl.Series]()
        self._forms = dict[str, pl.DataFrame]()
        self._sheets = sheets
        self._shared = dict[str, list[int]]()

    def key(self, sheet: ShapedTable) -> str | None:
        """The best key that says something in both tables and tells the cases apart; refuse a sheet that has none such."""
        if sheet.key_used:
            return sheet.key_used
        shared = self.shared(sheet)
        clear = [key for key in shared if not self._confused(key)]
        if shared and not clear and not sheet.frame.is_empty():
            raise self._refused(sheet, shared[0])
        return next(iter(clear or shared), None)

    def shared(self, sheet: ShapedTable) -> list[str]:
        """The keys that say something in both tables, best first."""
        shared = list[str]()
        for key in sheet.keys:
            own, parent = self._column(key, sheet.frame), self._column(key, self.cases)
            if parent and not silent(self.cases[parent]) and (sheet.frame.is_empty() or not silent(sheet.frame[own])):
                shared.append(key)
        return shared

    def _refused(self, sheet: ShapedTable, key: str) -> InputError:
        lines = "、".join(map(str, self._confused(key)))
        others = [
            name
            for name in self.layout.interface.case_keys
            if self._column(name, self.cases) and not self._confused(name)
        ]
        zh = f"只能按{called(self.layout, key)}找病例，但它在病例表里不唯一（第 {lines} 行相同，却是不同的病例）"
        en = f"its cases can only be found by {key}, which is not unique among the cases (rows {lines} share one)"
        if others:
            zh += f"；请在这张表里加上{called(self.layout, others[0])}，它是唯一的"
            en += f"; add {others[0]}, which is unique, to this table"
        return Place(sheet.source.file, sheet.source.sheet).fault(zh, en)

    def _confused(self, key: str) -> list[int]:
        """The lines of the first cases that share this key although another key says that they are different.

        The best key is left to the rule that it stands once in a batch: that is an error of those two cases.
        """
        if key == self.layout.interface.keys[0]:
            return []
        if key not in self._shared:
            names = {name: self._column(name, self.cases) for name in self.layout.interface.case_keys}
            other = [key_text(column) for name, column in names.items() if column and name != key]
            same = self.cases.select(
                "_line", key_text(names[key]).alias("_id"), *[each.alias(f"_{n}") for n, each in enumerate(other)]
            ).filter(pl.col("_id").is_not_null() & pl.col("_id").is_duplicated())
            differ = [pl.col(f"_{n}").drop_nulls().n_unique() > 1 for n in range(len(other))]
            groups = same.group_by("_id", maintain_order=True).agg("_line", differ=pl.any_horizontal(False, *differ))
            first = groups.filter("differ")
            self._shared[key] = first["_line"][0].drop_nulls().head(_NAMED).to_list() if first.height else []
        return self._shared[key]

    def find(self, sheet: ShapedTable, key: str) -> pl.Series:
        """The ``_case`` of each row, looked up once per run of equal keys."""
        if key not in self._known:
            self._known[key] = self.cases.select(key_text(self._column(key, self.cases)).alias("_id")).to_series()
        column = sheet.frame[self._column(key, sheet.frame)]
        written = keys_of(column)
        starts = np.flatnonzero(np.concatenate([[True], written[1:] != written[:-1]]))
        ids = column[starts].to_frame().select(key_text(column.name)).to_series()
        of_runs = np.where(ids.is_null().to_numpy(), -1, places(keys_of(ids), keys_of(self._known[key])))
        cases = pl.Series("_case", np.repeat(of_runs, np.diff(starts, append=written.size)))
        return cases.cast(pl.UInt32, strict=False)  # -1 is none

    def alike(self, sheet: ShapedTable, key: str, cases: pl.Series) -> tuple[pl.Series, list[Note]]:
        """The cases with those of rows whose key is written otherwise than its only like among the cases; and the note of it."""
        if key not in self._forms:
            known = self._known[key].to_frame().with_row_index("alike").drop_nulls()
            self._forms[key] = known.with_columns(_key_forms(known["_id"]).alias("_form"))
        lost = rows_where(cases.is_null())
        rows = sheet.frame[lost].select(sheet.key(key).alias("_id"), "_line")
        rows = rows.with_columns(_key_forms(rows["_id"]).alias("_form"))
        like = self._forms[key].filter(pl.col("_form").is_in(rows["_form"].implode()))
        own = like.unique("_id", keep="first", maintain_order=True).unique("_form", keep="none")
        found = rows.join(own, on="_form", how="left", maintain_order="left")
        new = found.drop_nulls("alike")
        if new.is_empty():
            return cases, []
        names = {"title": self.layout.title(sheet.table), "key": called(self.layout, key)}
        args, source = {"count": str(new.height), **names}, replace(sheet.source, table=sheet.table)
        note = Note("read/key-form", sheet.table, source=source, line=new.item(0, "_line"), args=args)
        return cases.clone().scatter(lost, found["alike"]), [note]

    def like_some(self, sheet: ShapedTable, key: str, cases: pl.Series) -> bool:
        """Whether a row without a case says nothing under the key, or has the key of a case but for its form."""
        lost = sheet.frame[rows_where(cases.is_null())].select(sheet.key(key)).to_series()
        known = self._known[key].drop_nulls()
        return bool(lost.null_count()) or bool(_key_forms(lost).is_in(_key_forms(known).implode()).any())

    def of_lines(self, sheet: ShapedTable) -> pl.DataFrame:
        """The rows of a sheet with the ``_case`` of their line."""
        number = next(number for number, each in enumerate(self._sheets) if each is sheet.within)
        lines = self.cases.filter(_source=number).select("_line", "_case")
        return sheet.frame.join(lines, on="_line", how="left", maintain_order="left")

    @staticmethod
    def _column(key: str, frame: pl.DataFrame) -> str:
        return next((name for name in (key, KEY + key) if name in frame.columns), "")


def key_form(key: pl.Expr) -> pl.Expr:
    """A key without what its form alone is: width, case, blanks and leading zeros."""
    return key.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"\s", "").str.strip_chars_start("0")


def _key_forms(keys: pl.Series) -> pl.Series:
    """The same of many keys, most of which are plain."""
    others = rows_where(keys.str.contains("[^0-9A-Z]"))
    return keys.str.strip_chars_start("0").scatter(
        others, keys[others].to_frame().select(key_form(pl.first())).to_series()
    )


def silent(column: pl.Series) -> bool:
    """Whether a column says nothing at all."""
    return column.null_count() == len(column)
