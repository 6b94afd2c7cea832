"""What judging needs, made once and kept between runs: the verified catalogue and the compiled plan of each interface.

It is kept under a hash of everything that it was made of, where only the user can write (:mod:`validator.base.kept`).
"""

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from validator.base import files, kept
from validator.checks import catalogue as catalogues
from validator.checks.plan import PlanKey
from validator.checks.plans import whole_plan
from validator.checks.rows.plan import RowPlan
from validator.read.memory import uncollected
from validator.spec.catalogue import Catalogue, with_tables
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Rule

_PACKAGE = Path(__file__).resolve().parents[2]
_SOURCES = ("base", "codes", "spec", "checks", "read")


def verified(profile: str, folders: tuple[Path, ...], codebooks: Path | None) -> Catalogue:
    """The catalogue of :func:`validator.checks.catalogue.verified`, from what is kept."""
    if not _keeps(profile):
        return catalogues.verified(profile, folders, codebooks)
    found = with_tables(start(profile, folders), codebooks)
    _ORIGINS[found] = profile, folders
    return found


def kept_plan(catalogue: Catalogue, key: PlanKey) -> RowPlan | None:
    """The plan of a partition that lacks no table and has no records; None where none is kept. :func:`verified` gave the catalogue."""
    origin = _ORIGINS.get(catalogue)
    whole = key.tables == catalogue.layouts[key.layout].tables.keys()
    if not origin or not whole or key.supplied or key.records:
        return None
    return plan(*origin, catalogue, key.layout)


#: Of what profile and folders a catalogue was made.
_ORIGINS: WeakKeyDictionary[Catalogue, tuple[str, tuple[Path, ...]]] = WeakKeyDictionary()


@lru_cache(maxsize=16)
def plan(profile: str, folders: tuple[Path, ...], catalogue: Catalogue, layout: str) -> RowPlan:
    """The plan of an interface by a catalogue that :func:`verified` gave."""
    place = _place(profile, folders, f"-{layout}.plan") if _keeps(profile) else None
    found = _load(place, catalogue) if place else None
    if isinstance(found, RowPlan):
        return found.by(catalogue)
    made = RowPlan(whole_plan(catalogue, layout), {})
    _keep(place, made, catalogue)
    return made


def _keeps(profile: str) -> bool:
    """Whether what is made is kept: not of a profile of the user's own, which rests on further files, nor of data tried in a test."""
    return not profile.endswith((".yaml", ".yml")) and "ZHIKONG_DATA" not in os.environ


@cache
def start(profile: str, folders: tuple[Path, ...]) -> Catalogue:
    """The catalogue that is kept; made anew where it is not there, not whole, or made of something else."""
    place = _place(profile, folders, ".start")
    found = _load(place, None) if place else None
    if not isinstance(found, Catalogue):
        found = catalogues.verified(profile, folders)
        _keep(place, found, None)
    return found


def _load(path: Path, catalogue: Catalogue | None) -> Any:
    """What a file keeps; None where it keeps nothing that this program can read. ``catalogue``: the one that it refers to."""
    content = kept.read(path)
    if not isinstance(content, bytes):
        return None
    try:
        with uncollected():
            reader = pickle.Unpickler(io.BytesIO(content))  # noqa: S301 - the user's own file, its hash right
            reader.persistent_load = lambda _: catalogue  # type: ignore[method-assign]
            return reader.load()
    except (AttributeError, ImportError, ValueError, TypeError, KeyError, EOFError, pickle.UnpicklingError):
        return None  # of another make: made anew


def _keep(path: Path | None, made: Any, catalogue: Catalogue | None) -> None:
    """Keep what was made, but for the ``catalogue`` that it refers to."""
    if not path:
        return
    content = io.BytesIO()
    _Writer(content, catalogue).dump(made)
    kept.write(path, content.getvalue())


class _Writer(pickle.Pickler):
    """Writes what refers to a catalogue without what that has: the rules and field rows; a path once, for it takes long to read."""

    def __init__(self, content: io.BytesIO, catalogue: Catalogue | None) -> None:
        super().__init__(content, pickle.HIGHEST_PROTOCOL)
        self._catalogue = catalogue
        layouts = catalogue.layouts if catalogue else {}
        self._rows = {
            id(row): (layout.name, table.name, row.field)
            for layout in layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
        }

    def persistent_id(self, each: Any) -> str | None:
        """What stands for the catalogue."""
        return "catalogue" if self._catalogue and each is self._catalogue else None

    def reducer_override(self, each: Any) -> Any:
        """How paths, rules and field rows are written."""
        if isinstance(each, Path):
            return _path, (str(each),)
        if isinstance(each, Rule) and self._catalogue and self._catalogue.rules.get(each.id) is each:
            return _rule, (self._catalogue, each.id)
        if id(each) in self._rows:
            return _row, (self._catalogue, *self._rows[id(each)])
        return NotImplemented


@cache
def _path(text: str) -> Path:
    return Path(text)


def _rule(catalogue: Catalogue, name: str) -> Rule:
    return catalogue.rules[name]


def _row(catalogue: Catalogue, layout: str, table: str, field: str) -> FieldRow:
    return catalogue.layouts[layout].tables[table].fields[field]


def _place(profile: str, folders: tuple[Path, ...], ending: str) -> Path | None:
    """The file for what is made of a profile and further rules; None where the folder is not the user's own."""
    folder = files.own_cache()
    return folder / f"{_known_key(profile, folders)}{ending}" if kept.private(folder) else None


@cache
def _known_key(profile: str, folders: tuple[Path, ...]) -> str:
    """The key, once for a process."""
    return _key(profile, folders)


def _key(profile: str, folders: tuple[Path, ...]) -> str:
    """A hash of the data, the pages of further folders, the program and the Python that runs it."""
    found = hashlib.sha256(repr((profile, folders, sys.hexversion, sys.implementation.cache_tag)).encode())
    data = [files.data("schemas"), files.data("codebooks"), *folders]
    for folder in (*data, *(_PACKAGE / name for name in _SOURCES)):
        for path in sorted(_files(str(folder))):
            with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a thousand paths take longer to make than to read
                content = file.read()
            found.update(f"{path}\n{len(content)}\n".encode())
            found.update(content)
    return found.hexdigest()


_READ = (".yaml", ".yml", ".csv", ".json", ".py")


def _files(folder: str) -> Iterator[str]:
    """The paths of all files in a folder and those below it that something may be made of."""
    with os.scandir(folder) as entries:
        for each in entries:
            if each.is_dir():
                yield from _files(each.path)
            elif each.name.endswith(_READ):
                yield each.path
