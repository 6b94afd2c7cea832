"""The catalogue with every aspect of :mod:`validator.checks.fields`."""

from pathlib import Path

from validator.checks.fields import ASPECTS
from validator.spec import catalogue
from validator.spec.catalogue import Catalogue


def load(profile: str = "national", folders: tuple[Path, ...] = (), codebooks: Path | None = None) -> Catalogue:
    """Load and check everything that one run checks by: see :func:`validator.spec.catalogue.load`."""
    return catalogue.load(ASPECTS.values(), profile, folders, codebooks)
