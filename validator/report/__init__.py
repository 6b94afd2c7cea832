"""Reports: each module of this folder writes one format; ``write`` picks by name or by the file's extension.

A format is a module with ``EXTENSION`` and ``write(report, path) -> Path`` (where it was written); a new module is a
new format. ``STAYS = True``: it stays in the department, so that it names physicians and coders.
"""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

from validator.base import language
from validator.base.errors import InputError
from validator.report.common.shared import Shared
from validator.report.common.view import ReportView

__all__ = ["ReportView", "formats", "write"]


def formats() -> dict[str, ModuleType]:
    """Every format by name."""
    names = sorted(found.name for found in iter_modules(__path__) if not found.ispkg and not found.name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}") for name in names}


def write(report: ReportView, path: Path, format: str | None = None) -> Path:
    """Write ``report`` as ``format``, by default what the extension says; gives the file written."""
    known = formats()
    by_extension = {module.EXTENSION: name for name, module in known.items()} | {".xlsm": "xlsx"}
    name = format or by_extension.get(path.suffix.lower(), "")
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
