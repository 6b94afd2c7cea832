"""The folder of a run: what each unit yielded, so that a run that was killed goes on where it was."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import validator
from validator.base import files
from validator.base.errors import InputError
from validator.base.language import say

_MANIFEST, _UNITS = "manifest.json", "units"
#: What two runs of one folder must agree in, in words.
_SAYS = {
    "version": ("版本", "version"),
    "options": ("选项", "options"),
    "inputs": ("数据", "data"),
    "units": ("切分", "units"),
}


class Kept:
    """The results of units as files; a file is there whole or not at all."""

    def __init__(
        self, folder: Path, options: Mapping[str, Any], inputs: Iterable[str | Path], units: Sequence[str]
    ) -> None:
        """``options`` and ``inputs``: on what the results depend; ``units``: the names of the units.

        Raises :class:`~validator.base.errors.InputError` where the folder holds another run.
        """
        self.folder = folder
        about = {
            "version": validator.__version__,
            "options": json.loads(json.dumps(options, default=str)),
            "inputs": [list(each) for path in inputs for each in _contents(Path(path), folder)],
            "units": list(units),
        }
        manifest = folder / _MANIFEST
        if manifest.exists():
            self._refuse_other(manifest, about)
            return
        if folder.exists() and any(folder.iterdir()):
            raise InputError(
                f"{folder} 里已有别的文件，不能用来放这次的结果",
                f"{folder} holds other files and cannot take these results",
            )
        with files.replacing(manifest) as scratch:
            scratch.write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")

    @staticmethod
    def _refuse_other(manifest: Path, about: Mapping[str, Any]) -> None:
        try:
            there = json.loads(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            there = {}
        differs = [say(*names) for name, names in _SAYS.items() if there.get(name) != about[name]]
        if differs:
            raise InputError(
                f"{manifest.parent} 是另一次运行的结果（{'、'.join(differs)}不同）；删掉它，或换一个 --out",
                f"{manifest.parent} holds another run (other {', '.join(differs)}); remove it, or choose another --out",
            )

    def there(self) -> list[int]:
        """The units whose results are kept."""
        return sorted(int(path.stem) for path in (self.folder / _UNITS).glob("[0-9]*.arrow"))

    def read(self, unit: int) -> bytes:
        """The results of a unit."""
        return self._path(unit).read_bytes()

    def write(self, unit: int, content: bytes) -> None:
        """Keep the results of a unit."""
        with files.replacing(self._path(unit)) as scratch:
            scratch.write_bytes(content)

    def _path(self, unit: int) -> Path:
        return self.folder / _UNITS / f"{unit:06}.arrow"


def _contents(path: Path, without: Path) -> Iterable[tuple[str, int, int]]:
    """The files behind a path, with what changes when their content does; but for those of the run itself."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and not file.resolve().is_relative_to(without.resolve()):
            about = file.stat()
            yield str(file), about.st_size, about.st_mtime_ns
