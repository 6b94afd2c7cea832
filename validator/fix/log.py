"""The log of fixes: one line for each that was made, personal data masked."""

import csv
from collections import Counter
from collections.abc import Mapping
from io import TextIOWrapper
from typing import IO

from validator.base.formulas import is_formula_like
from validator.base.language import say
from validator.base.masking import masked_text, persons_in
from validator.fix.edits import Edit
from validator.fix.splice import Reason
from validator.read.partition import KEY
from validator.report.common.people import People
from validator.spec.layouts import Layout

_HEADINGS = (
    ("文件", "file"), ("工作表", "sheet"), ("行", "row"), ("列", "column"), ("字段", "field"), ("病例", "case_id"),
    ("检查", "check"), ("原值", "before"), ("改为", "after"),
    ("病案号", "record_number"), ("科室", "department"), ("医师", "physician"), ("编码员", "coder"),
)  # fmt: skip


class Log:
    """The log of a run: writes the edits that were made, and whose case each is, to a CSV file and counts all edits."""

    def __init__(self, file: IO[bytes], layouts: Mapping[str, Layout], people: People, *, mask: bool) -> None:
        self.made = Counter[str]()  #: by file
        self.left = Counter[Reason]()
        self._file, self._mask, self._layouts, self._people = file, mask, layouts, people
        self._text = TextIOWrapper(file, "utf-8", newline="")
        self._text.write("\ufeff")
        self._rows = csv.writer(self._text, lineterminator="\r\n")
        self._rows.writerow(say(zh, en) for zh, en in _HEADINGS)

    def tell(self, edit: Edit, reason: Reason | None) -> None:
        """Note an edit; ``reason`` says why it was not made."""
        if reason:
            if not edit.is_key:  # that child rows carry another key, or none, is nobody's loss
                self.left[reason] += 1
            return
        source, name = edit.source, f"{edit.table}.{edit.field.removeprefix(KEY)}"
        self.made[source.file] += 1
        texts = {"before": edit.before, "after": edit.after}
        if self._mask:
            texts = {each: text and persons_in(masked_text(text, edit.personal)) for each, text in texts.items()}
        line = self._people.named(
            {"file": source.file, "sheet": source.sheet, "row": edit.line, "column": self._column(edit), "field": name,
             "case_id": edit.case_id, "check": edit.check, **texts}
        )  # fmt: skip
        self._rows.writerow(f"'{value}" if is_formula_like(str(value)) else value for value in line.values())

    def flush(self) -> None:
        """Hand the file back with all lines in it."""
        self._text.detach()

    def _column(self, edit: Edit) -> str:
        """The column's letter or heading, or the value's JSON path, as the findings name it."""
        heading = edit.source.columns.get(edit.field, edit.field)
        if edit.source.path is None:
            return heading
        index = "" if edit.table == self._layouts[edit.layout].case else f"[{edit.row - 1}]"
        return f"{edit.source.path}{index}.{heading}"
