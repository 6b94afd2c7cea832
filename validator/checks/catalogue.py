"""The catalogue with every aspect of :mod:`validator.checks.fields`."""

from functools import cache
from pathlib import Path

from validator.base import files
from validator.checks.fields import ASPECTS
from validator.spec import catalogue
from validator.spec.catalogue import Catalogue


def load(profile: str = "national", folders: tuple[Path, ...] = (), codebooks: Path | None = None) -> Catalogue:
    """Load and check everything that one run checks by: see :func:`validator.spec.catalogue.load`."""
    return catalogue.load(ASPECTS.values(), profile, folders, codebooks)


def verified(profile: str = "national", folders: tuple[Path, ...] = (), codebooks: Path | None = None) -> Catalogue:
    """The same, every expression tried; :class:`~validator.base.errors.ConfigError` when one is wrong."""
    _verify(profile, folders)
    return load(profile, folders, codebooks)


@cache
def _verify(profile: str, folders: tuple[Path, ...]) -> None:
    from validator.checks.language import trees
    from validator.checks.verify import verify

    with trees.kept(files.own_cache()):
        verify(load(profile, folders))
