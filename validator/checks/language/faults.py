"""What is wrong with a text of the rule language, and where in it."""

from pathlib import Path

from validator.base.errors import ConfigError, ZhikongError
from validator.base.yaml_csv import fault

_SHOWN = 80  #: characters of a line that a message shows
Place = tuple[int, int]  #: line and column of the text, both from 1


class LanguageError(ZhikongError):
    """Why a text is refused, with its line and column; the caller, who knows the file, turns it into a ConfigError."""

    def __init__(self, place: Place, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.place = place

    def at(self, path: Path, line: int | None, text: str) -> ConfigError:
        """The fault of a text that begins in a line of a file, with the part of it around the fault."""
        row, column = self.place
        zh, en = (f"第 {row} 行第 {column} 列", f"line {row}, column {column}")
        if row == 1:
            zh, en = f"第 {column} 列", f"column {column}"
        shown = _around(text.split("\n")[row - 1], column - 1)
        return fault(path, line, f"表达式{zh}：{self.zh}（{shown}）", f"{en} of the expression: {self.en} ({shown})")


def _around(line: str, place: int) -> str:
    """At most some 80 characters of a line, those at the place among them; signs that are not to be printed as ``?``."""
    start = max(0, min(place - _SHOWN // 2, len(line) - _SHOWN))
    part = line[start : start + _SHOWN]
    cut = ("…" if start else "") + part + ("…" if start + _SHOWN < len(line) else "")
    return "".join(each if each.isprintable() else "?" for each in cut)


class UnknownNameError(LanguageError):
    """A name that the scope does not have: the interface may lack it."""

    def __init__(self, place: Place, name: str) -> None:
        zh = f"没有“{name}”这个字段或事实；请核对名称，病例一级的字段写成 病例表.字段"
        super().__init__(
            place, zh, f"no field or fact '{name}'; check the name, and write table.field for a field of the case"
        )
        self.name = name
