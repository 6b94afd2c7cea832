"""Reports: each module of this folder writes one format; ``write`` picks by name or by the file's extension.

A format is a module with ``EXTENSION`` and ``write(report, path) -> Path`` (where it was written); a new module is a
new format. ``STAYS = True``: it stays in the department, so that it names physicians and coders.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from validator.base import language
from validator.base.errors import InputError
from validator.report.common.shared import Shared
from validator.report.common.view import ReportView

__all__ = ["ReportView", "formats", "write"]


class Formats(Mapping[str, ModuleType]):
    """Every format by name; a module is imported when it is asked for."""

    def __init__(self) -> None:
        self._names = sorted(each.name for each in iter_modules(__path__) if not each.ispkg and each.name[0] != "_")

    def __getitem__(self, name: str) -> ModuleType:
        if name not in self._names:
            raise KeyError(name)
        return import_module(f"{__name__}.{name}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def formats() -> Formats:
    """Every format by name."""
    return Formats()


def write(report: ReportView, path: Path, format: str | None = None) -> Path:
    """Write ``report`` as ``format``, by default what the extension says; gives the file written."""
    known = formats()
    name = format or _by_extension(path.suffix.lower())
    if name not in known:
        choices = "、".join(f"{name}（{module.EXTENSION}）" for name, module in known.items())
        asked = format or path.name
        raise InputError(
            f"不知道“{asked}”是哪种报告，可用：{choices}", f"no report format for '{asked}'; there are: {choices}"
        )
    if any(path.resolve() == Path(source).resolve() for source in report.inputs):
        raise InputError(f"报告不能覆盖被检查的文件 {path}", f"a report must not overwrite the checked file {path}")
    try:
        with language.speaking(report.lang):
            stays = getattr(known[name], "STAYS", False)
            written: Path = known[name].write(Shared(report) if report.masked and not stays else report, path)
    except PermissionError as error:
        where = error.filename or path
        raise InputError(
            f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
        ) from error
    return written


def _by_extension(extension: str) -> str:
    """The format of files with that extension; blank if there is none."""
    by_extension = {module.EXTENSION: name for name, module in formats().items()} | {".xlsm": "xlsx"}
    return by_extension.get(extension, "")
