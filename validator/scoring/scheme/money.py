"""What a total means in money: the share of a sum that is paid, and violating money that is taken off."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from validator.base import yaml_csv
from validator.base.language import Titled
from validator.base.yaml_csv import Node
from validator.scoring.scheme.nodes import nodes, number, one_of, pairs


@dataclass(frozen=True)
class Money(Titled):
    """One payment: ``amount`` × the share of the total's points, less a share of what ``less`` names.

    ``shares``: total -> share; between two totals on a straight line, or (``steps``) the share of the lower one.
    """

    id: str
    title_zh: str
    title_en: str
    amount: str  #: the sum, in yuan, that the marks file gives
    shares: tuple[tuple[Fraction, Fraction], ...]
    steps: bool
    less: str  #: a sum, in yuan, that is taken off; blank: none
    less_share: Fraction

    @property
    def amounts(self) -> tuple[str, ...]:
        """The sums that it reads."""
        return (self.amount, self.less) if self.less else (self.amount,)

    def share(self, total: Fraction) -> Fraction:
        """The share that a total brings."""
        if total < self.shares[0][0]:
            return self.shares[0][1]
        for (low, here), (high, there) in pairwise(self.shares):
            if low <= total < high:
                return here if self.steps else here + (there - here) * (total - low) / (high - low)
        return self.shares[-1][1]


def read_money(page: Node) -> tuple[Money, ...]:
    """The payments of a scheme; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    found = list[Money]()
    for node in nodes(page, "money"):
        yaml_csv.allow_keys(
            node.path, node, {"id", "title_zh", "title_en", "amount", "shares"}, {"between", "less", "less_share"}
        )
        between = node.text("between") or "line"
        one_of(node, "between", between, ("line", "steps"))
        if ("less" in node) != ("less_share" in node):
            raise node.fault("less", "less 和 less_share 应一起写", "less and less_share go together")
        found.append(
            Money(
                node.text("id"), node.text("title_zh"), node.text("title_en"), node.text("amount"), pairs(node, "shares"),
                between == "steps", node.text("less"), number(node, "less_share") if "less" in node else Fraction(0),
            )
        )  # fmt: skip
    return tuple(found)
