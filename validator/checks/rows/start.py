"""What judging needs, made once and kept between runs: the verified catalogue and the compiled plans.

It is kept under a hash of everything that it was made of, where only the user can write (:mod:`validator.base.kept`).
"""

import hashlib
import os
import pickle
import sys
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

from validator.base import files, kept
from validator.checks import catalogue as catalogues
from validator.checks.plan import Plan, PlanKey
from validator.checks.rows.plan import RowPlan
from validator.read.memory import uncollected
from validator.spec.catalogue import Catalogue, with_tables

_PACKAGE = Path(__file__).resolve().parents[2]
_SOURCES = ("base", "codes", "spec", "checks", "read")


@dataclass
class Start:
    """The catalogue without code tables, and the plans of its lists by interface."""

    catalogue: Catalogue
    plans: dict[str, RowPlan]


def verified(profile: str, folders: tuple[Path, ...], codebooks: Path | None) -> Catalogue:
    """The catalogue of :func:`validator.checks.catalogue.verified`, from what is kept."""
    if not _keeps(profile):
        return catalogues.verified(profile, folders, codebooks)
    found = with_tables(start(profile, folders).catalogue, codebooks)
    _ORIGINS[found] = profile, folders
    return found


def kept_plan(catalogue: Catalogue, key: PlanKey) -> RowPlan | None:
    """The plan of a partition that lacks no table, by a catalogue that :func:`verified` gave; None where none is kept."""
    origin = _ORIGINS.get(catalogue)
    if not origin or key.supplied or key.layout not in start(*origin).plans:
        return None
    found = plan(*origin, catalogue, key.layout)
    return found if found.plan.key == key else None


#: Of what profile and folders a catalogue was made.
_ORIGINS: WeakKeyDictionary[Catalogue, tuple[str, tuple[Path, ...]]] = WeakKeyDictionary()


@lru_cache(maxsize=16)
def plan(profile: str, folders: tuple[Path, ...], catalogue: Catalogue, layout: str) -> RowPlan:
    """The plan of an interface by a catalogue that :func:`verified` gave."""
    made = start(profile, folders).plans.get(layout) if _keeps(profile) else None
    return made.by(catalogue) if made else RowPlan(Plan(catalogue, layout, catalogue.layouts[layout].tables), {})


def _keeps(profile: str) -> bool:
    """Whether what is made is kept: not of a profile of the user's own, which rests on further files, nor of data tried in a test."""
    return not profile.endswith((".yaml", ".yml")) and "ZHIKONG_DATA" not in os.environ


@cache
def start(profile: str, folders: tuple[Path, ...]) -> Start:
    """What is kept; made anew where it is not there, not whole, or made of something else."""
    folder = files.own_cache()
    if not kept.private(folder):
        return Start(catalogues.verified(profile, folders), {})
    path = folder / f"{_key(profile, folders)}.start"
    content = kept.read(path)
    if isinstance(content, bytes):
        try:
            with uncollected():
                found = pickle.loads(content)  # noqa: S301 - the user's own file, its hash right
        except (AttributeError, ImportError, ValueError, TypeError, KeyError, EOFError, pickle.UnpicklingError):
            found = None  # of another make: made anew
        if isinstance(found, Start):
            return found
    made = _made(profile, folders)
    kept.write(path, pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    return made


def _made(profile: str, folders: tuple[Path, ...]) -> Start:
    catalogue = catalogues.verified(profile, folders)
    lists = [name for name, layout in catalogue.layouts.items() if not layout.interface.made_of]
    plans = {name: RowPlan(Plan(catalogue, name, catalogue.layouts[name].tables), {}) for name in lists}
    return Start(catalogue, plans)


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
