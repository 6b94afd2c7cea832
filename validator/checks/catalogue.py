"""The catalogue with every aspect of :mod:`validator.checks.fields`."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from validator.base import files
from validator.base.errors import ConfigError
from validator.checks.fields import ASPECTS
from validator.codes import points
from validator.spec import catalogue
from validator.spec.catalogue import Catalogue


def load(profile: str = "national", folders: tuple[Path, ...] = (), codebooks: Path | None = None) -> Catalogue:
    """Load and check everything that one run checks by: see :func:`validator.spec.catalogue.load`."""
    return catalogue.load(ASPECTS.values(), profile, folders, codebooks)


def verified(profile: str = "national", folders: tuple[Path, ...] = (), codebooks: Path | None = None) -> Catalogue:
    """The same, every expression tried; :class:`~validator.base.errors.ConfigError` when one is wrong."""
    _verify(profile, folders)
    return load(profile, folders, codebooks)


def of_batches(known: Catalogue, select: Sequence[str]) -> tuple[Catalogue, Sequence[str]]:
    """What ``select`` chooses, batches of knowledge points (``第八批``) among it: only their points, and the rules that read points.

    Raises :class:`~validator.base.errors.ConfigError` for a batch of which nothing is loaded.
    """
    batches = [each for each in select if points.BATCH.fullmatch(each)]
    if not batches:
        return known, select
    versions = [each.version for each in known.judge.store.versions(points.TABLE)]
    if lacking := next((each for each in batches if not any(name.startswith(each) for name in versions)), None):
        zh = f"没有装载{lacking}的知识点；用 zhikong codebooks add 装载"
        raise ConfigError(zh, f"no points of {lacking} are loaded; add them with zhikong codebooks add")
    reading = [rule.id for rule in known.rules.values() if points.TABLE in rule.tables]
    chosen = {**known.knowledge, **points.knowledge(known.judge.store, batches)}
    return replace(known, knowledge=chosen), (*(each for each in select if each not in batches), *reading)


@cache
def _verify(profile: str, folders: tuple[Path, ...]) -> None:
    from validator.checks.language import trees
    from validator.checks.verify import verify

    with trees.keeping(files.own_cache()):
        verify(load(profile, folders))
