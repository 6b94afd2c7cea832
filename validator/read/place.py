"""Naming the place in the user's data that an error is about."""

from typing import NamedTuple

from validator.base.errors import InputError


class Place(NamedTuple):
    """A file, and as much more of the position as is known."""

    file: str
    sheet: str | None = None
    line: int | None = None

    def at(self, line: int) -> "Place":
        return self._replace(line=line)

    def fault(self, zh: str, en: str) -> InputError:
        """An error whose text begins with the place."""
        sheet_zh, sheet_en = (f" 工作表“{self.sheet}”", f", sheet '{self.sheet}'") if self.sheet else ("", "")
        line_zh, line_en = (f" 第 {self.line} 行", f", line {self.line}") if self.line else ("", "")
        return InputError(
            f"{self.file}{sheet_zh}{line_zh}：{zh}", f"{self.file}{sheet_en}{line_en}: {en.replace('、', ', ')}"
        )


def is_panic(error: BaseException) -> bool:
    """Return whether the error is a panic of a library written in Rust, which is no Exception."""
    return type(error).__name__ == "PanicException"


def some(names: list[str], most: int = 8) -> str:
    """Return a few names for a message, each cut so short that no person's data fits in."""
    shown = [name if len(name) <= 24 else name[:24] + "…" for name in names[:most]]
    return "、".join(shown) + ("…" if len(names) > most else "")
