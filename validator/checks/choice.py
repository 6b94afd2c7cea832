"""Which of the checks are wanted."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from validator.base.errors import ConfigError
from validator.checks.plan import Plan
from validator.read.file_notes import UNREADABLE
from validator.spec.catalogue import Catalogue, Check


@dataclass(frozen=True)
class CheckChoice:
    """Which checks are wanted: ids, their beginnings, or kinds; ``ignore`` counts more."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def among(self, plan: Plan) -> frozenset[str]:
        """Ids of the plan's checks that are wanted."""
        return _wanted(plan, self)

    def has(self, check: Check) -> bool:
        """Whether a check is wanted; that every file could be read always is, but where it is ignored."""
        selected = not self.select or check.id == UNREADABLE or _named(check, self.select)
        return selected and not _named(check, self.ignore)


@lru_cache(maxsize=8)
def _wanted(plan: Plan, choice: CheckChoice) -> frozenset[str]:
    return frozenset(name for name, each in plan.checks.items() if choice.has(each))


def _named(check: Check, names: tuple[str, ...]) -> bool:
    return check.id.startswith(names) or check.kind in names


def refuse_unknown(catalogue: Catalogue, names: Iterable[str]) -> None:
    """Raise :class:`ConfigError` for a check that does not exist: it must not seem to have passed."""
    if not (wanted := list(names)):
        return  # wording every check takes longer than checking one list
    ids, kinds = _known(catalogue)
    for name in wanted:
        at = bisect_left(ids, name)  # the first that may begin so
        if name not in kinds and not (at < len(ids) and ids[at].startswith(name)):
            raise ConfigError(
                f"没有检查叫“{name}”；zhikong rules 可列出规则",
                f"no check is called '{name}'; `zhikong rules` lists the rules",
            )


@lru_cache(maxsize=4)
def _known(catalogue: Catalogue) -> tuple[list[str], frozenset[str]]:
    """The ids of every check, sorted, and the kinds."""
    known = catalogue.every_check().values()
    return sorted(check.id for check in known), frozenset(check.kind for check in known)
