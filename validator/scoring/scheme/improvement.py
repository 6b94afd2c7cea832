"""What-if: which improvements would bring a hospital the most points."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from validator.scoring.scheme.pages import ScoreScheme
from validator.scoring.scheme.sheets import ItemScore, ScoreSheet
from validator.scoring.scheme.totals import total_of


@dataclass(frozen=True)
class Improvement:
    """``gain``: what the total wins if the item had full points; ``to``: the figure that brings them; ``cases``: how many cases."""

    score: ItemScore
    gain: Fraction
    to: Fraction | None
    cases: int | None


def improvements(scheme: ScoreScheme, sheet: ScoreSheet, most: int = 3) -> tuple[Improvement, ...]:
    """The improvements that bring most, before vetoes. Items without a figure are none: what is missing is to be given first."""
    before = sheet.sums.total
    if before is None:
        return ()
    points = {each.item.id: each.points for each in sheet.items}
    found = list[Improvement]()
    for each in sheet.items:
        if each.is_missing or each.item.is_veto or each.lost <= 0:
            continue
        after = total_of(scheme, points | {each.item.id: each.item.points}).total
        if after is not None and after > before:
            found.append(Improvement(each, after - before, each.item.method.full(each.item.limits), _cases(each)))
    return tuple(sorted(found, key=lambda each: -each.gain)[:most])


def _cases(score: ItemScore) -> int | None:
    """How many cases lie between the figure and the one that brings full points; None where no number of cases does."""
    figure, to = score.figure, score.item.method.full(score.item.limits)
    if to is None or figure.value is None or score.item.against or not score.item.measure:
        return None
    away = abs(to - figure.value)
    if score.item.take != "share":
        return ceil(away)
    return ceil(away * figure.bottom) if figure.bottom is not None and score.item.counts_cases else None
