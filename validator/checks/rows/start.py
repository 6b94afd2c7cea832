"""What judging needs, made once and kept between runs: the verified catalogue and the compiled plan of each interface.

It is kept under a hash of everything that it was made of, where only the user can write (:mod:`validator.base.kept`).
"""

import hashlib
import io
import os
import pickle
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from validator.base import files, kept
from validator.checks import catalogue as catalogues
from validator.checks.plan import Plan, PlanKey
from validator.checks.rows.plan import RowPlan
from validator.read.memory import uncollected
from validator.spec.catalogue import Catalogue, with_tables

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
    made = RowPlan(Plan(catalogue, layout, catalogue.layouts[layout].tables), {})
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
    writer = pickle.Pickler(content, pickle.HIGHEST_PROTOCOL)
    writer.persistent_id = lambda each: "catalogue" if each is catalogue else None  # type: ignore[method-assign]
    writer.dump(made)
    kept.write(path, content.getvalue())


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
        for path in sorted(folder.rglob("*")):
            if path.suffix in _READ and path.is_file():
                found.update(f"{path}\n".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


_READ = {".yaml", ".yml", ".csv", ".json", ".py"}
