"""The log of fixes: one line for each that was made, personal data masked."""

from collections import Counter
from collections.abc import Mapping
from typing import IO

import polars as pl

from validator.base.language import say
from validator.base.masking import masked, persons
from validator.fix.edits import Edit
from validator.fix.splice import Reason
from validator.read.partition import KEY
from validator.report.common.people import NAMES, People
from validator.spec.layouts import Layout

_HEADINGS = (
    ("文件", "file"), ("工作表", "sheet"), ("行", "row"), ("列", "column"), ("字段", "field"), ("病例", "case_id"),
    ("检查", "check"), ("原值", "before"), ("改为", "after"),
    ("病案号", "record_number"), ("科室", "department"), ("医师", "physician"), ("编码员", "coder"),
)  # fmt: skip
_COLUMNS = [name for _, name in _HEADINGS if name not in NAMES]
_HELD = 20_000  #: lines kept before they are written
_FORMULA = r"\A[=+\-@\t\r]"  #: how a text begins that a spreadsheet program would calculate


class Log:
    """The log of a run: writes the edits that were made, and whose case each is, to a CSV file and counts all edits."""

    def __init__(self, file: IO[bytes], layouts: Mapping[str, Layout], people: People, *, mask: bool) -> None:
        self.made = Counter[str]()  #: by file
        self.left = Counter[Reason]()
        self._file, self._mask, self._layouts, self._people = file, mask, layouts, people
        self._lines: list[tuple[str | int | None, ...]] = []
        file.write(("\ufeff" + ",".join(say(zh, en) for zh, en in _HEADINGS) + "\r\n").encode())

    def tell(self, edit: Edit, reason: Reason | None) -> None:
        """Note an edit; ``reason`` says why it was not made."""
        if reason:
            if not edit.is_key:  # that child rows carry another key, or none, is nobody's loss
                self.left[reason] += 1
            return
        source, name = edit.source, f"{edit.table}.{edit.field.removeprefix(KEY)}"
        self.made[source.file] += 1
        self._lines.append(
            (source.file, source.sheet, edit.line, self._column(edit), name, edit.case_id, edit.check,
             edit.before, edit.after, edit.personal)
        )  # fmt: skip
        if len(self._lines) >= _HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        schema = {**dict.fromkeys(_COLUMNS, pl.String), "row": pl.UInt32, "personal": pl.String}
        lines = pl.DataFrame(self._lines, schema=schema, orient="row")
        for kind in lines["personal"].unique() if self._mask else ():
            hidden = pl.col("personal") == kind
            lines = lines.with_columns(
                pl.when(hidden).then(masked(pl.col(name), kind)).otherwise(name).alias(name)
                for name in ("before", "after")
            )
        if self._mask:
            lines = lines.with_columns(persons(pl.col(name)) for name in ("before", "after"))
        lines = self._people.named(lines.drop("personal"))
        lines = lines.with_columns(
            pl.when(pl.col(name).str.contains(_FORMULA)).then("'" + pl.col(name)).otherwise(name).alias(name)
            for name in lines.columns
            if name != "row"
        )
        self._file.write(lines.write_csv(include_header=False, line_terminator="\r\n").encode())
        self._lines.clear()

    def _column(self, edit: Edit) -> str:
        """The column's letter or heading, or the value's JSON path, as the findings name it."""
        heading = edit.source.columns.get(edit.field, edit.field)
        if edit.source.path is None:
            return heading
        index = "" if edit.table == self._layouts[edit.layout].case else f"[{edit.row - 1}]"
        return f"{edit.source.path}{index}.{heading}"
