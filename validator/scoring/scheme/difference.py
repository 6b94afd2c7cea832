"""Two scorings of one year side by side: two versions of a scheme, or before and after an appeal."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from validator.scoring.scheme.sheets import ItemScore, ScoreSheet


@dataclass(frozen=True)
class ItemChange:
    """An item whose points differ; None on the side that does not have it, or leaves it out of the account."""

    title: str
    before: Fraction | None
    after: Fraction | None
    why: tuple[str, str]  #: how the points came about, before and after


@dataclass(frozen=True)
class SheetChange:
    """A hospital whose sheet differs."""

    before: ScoreSheet | None
    after: ScoreSheet | None
    items: tuple[ItemChange, ...]

    @property
    def sheet(self) -> ScoreSheet:
        """The later sheet, where there is one."""
        found = self.after or self.before
        assert found
        return found

    @property
    def change(self) -> Fraction | None:
        """By how much the total changes; None where one side has none."""
        before, after = (None if sheet is None else sheet.total for sheet in (self.before, self.after))
        return None if before is None or after is None else after - before


def difference(before: Sequence[ScoreSheet], after: Sequence[ScoreSheet]) -> tuple[SheetChange, ...]:
    """The hospitals whose items, total or rank differ, by rank after."""
    old, new = ({each.hospital.code: each for each in sheets} for sheets in (before, after))
    found = [SheetChange(old.get(code), new.get(code), _items(old.get(code), new.get(code))) for code in {**new, **old}]
    return tuple(each for each in found if each.items or each.change != 0 or _rank(each.before) != _rank(each.after))


def _rank(sheet: ScoreSheet | None) -> int | None:
    return sheet.rank if sheet else None


def _items(before: ScoreSheet | None, after: ScoreSheet | None) -> tuple[ItemChange, ...]:
    old, new = ({each.item.id: each for each in sheet.items} if sheet else {} for sheet in (before, after))

    def points(score: ItemScore | None) -> Fraction | None:
        return score.points if score else None

    def words(score: ItemScore | None) -> str:
        return score.words if score else ""

    return tuple(
        ItemChange(
            (new.get(name) or old[name]).item.title,
            points(old.get(name)),
            points(new.get(name)),
            (words(old.get(name)), words(new.get(name))),
        )
        for name in {**new, **old}
        if points(old.get(name)) != points(new.get(name)) or (name in old) != (name in new)
    )
