"""Naming the place in the user's data that an error is about."""

import re
from typing import NamedTuple

from validator.base.errors import InputError
from validator.base.language import say
from validator.base.masking import DOUBLE, misplaced_text, persons_in
from validator.base.text_width import printable

_SHOWN, _LONGEST = 24, 1_000  #: characters of what a message names, and of a message
_NO_HEADING = re.compile(rf"(?:{DOUBLE})[一-鿿]{{1,2}}\Z")  #: a double surname, which begins no usual heading


class FileError(InputError):
    """A file, or some of it, cannot be read: the place and the reason."""

    def __init__(self, place: "Place", zh: str, en: str) -> None:
        sheet_zh, sheet_en = (f" 工作表“{place.sheet}”", f", sheet '{place.sheet}'") if place.sheet else ("", "")
        line_zh, line_en = (f" 第 {place.line} 行", f", line {place.line}") if place.line else ("", "")
        zh, en = persons_in(zh), persons_in(en.replace("、", ", "))
        zh, en = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…" for text in (zh, en))
        super().__init__(f"{place.file}{sheet_zh}{line_zh}：{zh}", f"{place.file}{sheet_en}{line_en}: {en}")
        self.args = (place, zh, en)  # what makes it again, in another process
        self.place = place

    @property
    def reason(self) -> str:
        """The reason alone, in the current language."""
        return say(*self.args[1:])


class ForeignFileError(FileError):
    """A file that nothing suggests to hold lists, such as a list of telephone numbers."""


class Place(NamedTuple):
    """A file, and as much more of the position as is known."""

    file: str
    sheet: str | None = None
    line: int | None = None

    def at(self, line: int) -> "Place":
        return self._replace(line=line)

    def fault(self, zh: str, en: str) -> FileError:
        """An error whose text begins with the place."""
        return FileError(self, zh, en)


def is_panic(error: BaseException) -> bool:
    """Return whether the error is a panic of a library written in Rust, which is no Exception."""
    return type(error).__name__ == "PanicException"


def quoted(value: object, most: int = _SHOWN) -> str:
    """Return what a cell holds, for a message: cut, without control characters, and hidden where it is a person's."""
    shown = printable(misplaced_text(str(value)) or "")
    return shown if len(shown) <= most else shown[:most] + "…"


def some(names: list[str], most: int = 8) -> str:
    """Return a few names for a message, each cut so short that no person's data fits in."""
    if any(persons_in(name) != name or _NO_HEADING.match(name) for name in names):  # a row of a person, not headings
        names = [misplaced_text(name) or name for name in names]
    shown = [name if len(name) <= _SHOWN else name[:_SHOWN] + "…" for name in names[:most]]
    return "、".join(shown) + ("…" if len(names) > most else "")
