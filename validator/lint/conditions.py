"""The rule base judged by its texts: what two pages of one table say of the same row."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

from validator.checks.language.meanings import BY_NAME
from validator.checks.language.reads import conjuncts
from validator.checks.language.tree import Term
from validator.checks.plan import Plan
from validator.checks.plans import whole_plan
from validator.checks.steps import RuleStep
from validator.lint.fault import BaseFault
from validator.lint.logic import Facts, negated
from validator.spec.catalogue import Catalogue, Check
from validator.spec.sql import Sql


@dataclass(frozen=True, eq=False)
class Claim:
    """What one check says of the rows of a table: where ``when`` holds, ``expect`` must; or a rule across rows."""

    check: Check
    when: tuple[Term, ...]
    expect: tuple[Term, ...]

    @cached_property
    def about(self) -> Facts:
        """What is known of the rows that the check is about."""
        return Facts(self.when)

    @cached_property
    def failing(self) -> Facts:
        """What is known of the rows that it finds."""
        return Facts([*self.when, *self._against()])

    @cached_property
    def passing(self) -> Facts:
        """What is known of the rows that it is about and passes."""
        return Facts([*self.when, *self.expect])

    def _against(self) -> list[Term]:
        """The denial of what is expected: one part that is not met is enough to fail."""
        if not self.expect:
            return []
        whole = self.expect[0]
        if len(self.expect) > 1:
            whole = Term(BY_NAME["and"], self.expect, place=whole.place, kind=whole.kind)
        return [negated(whole)]

    @property
    def across(self) -> dict[str, Any]:
        """What a rule across rows compares; nothing for others."""
        rule = self.check.rule
        return rule.spec if rule and not rule.expect else {}


def remarks(catalogue: Catalogue) -> Iterator[BaseFault]:
    """What the texts of the rules say of each other, on every interface."""
    for name in catalogue.layouts:
        plan = whole_plan(catalogue, name)
        for table in plan.rows:
            claims = list(_claims(plan, table))
            alone = {claim: list(_alone(claim)) for claim in claims}
            yield from (each for found in alone.values() for each in found)
            for one, other in permutations([claim for claim in claims if not alone[claim]], 2):
                yield from _pair(one, other)


def _claims(plan: Plan, table: str) -> Iterator[Claim]:
    """The rules of a table, and its required fields as rules."""
    for step in plan.rules[table]:
        when = tuple(conjuncts(step.when.tree)) if step.when else ()
        yield Claim(step.check, when, _expected(plan, step))
    for check in plan.checks.values():
        row = check.row
        if row and row.required and check.table == table and check.aspect == "required":
            yield Claim(check, (), _filled(plan, check))


def _expected(plan: Plan, step: RuleStep) -> tuple[Term, ...]:
    if step.expect:
        return tuple(conjuncts(step.expect.tree))
    return _filled(plan, step.check) if step.demands else ()


def _filled(plan: Plan, check: Check) -> tuple[Term, ...]:
    assert check.row
    text = Sql(f"{check.field} IS NOT NULL", check.row.path, check.row.line)
    return (plan.compile(text, check.table, "truth").tree,)


def _alone(claim: Claim) -> Iterator[BaseFault]:
    """A check that can find nothing, or that no row can pass."""
    name = claim.check.id
    if not claim.about.possible():
        zh, en = f"{name}：适用条件自相矛盾，不会有病例适用", f"{name}: no row can meet its condition"
        yield BaseFault("never", name, "", zh, en)
    elif claim.expect and (claim.about.entails(claim.expect) or not claim.failing.possible()):
        zh, en = f"{name}：适用的都符合，永远不报", f"{name}: every row that it is about passes"
        yield BaseFault("never", name, "", zh, en)
    elif claim.expect and not claim.passing.possible():
        zh, en = f"{name}：适用的都不可能符合", f"{name}: no row that it is about can pass"
        yield BaseFault("always", name, "", zh, en)


def _pair(one: Claim, other: Claim) -> Iterator[BaseFault]:
    """What two checks of a table say of the same row; a pair that covers both ways comes once."""
    if one.check.row and other.check.row:
        return
    names = one.check.id, other.check.id
    if _covers(one, other):
        if not _covers(other, one):
            zh = f"{names[0]} 报的 {names[1]} 也报，一处错误会报两次"
            yield BaseFault("shadowed", *names, zh, f"whatever {names[0]} finds, {names[1]} finds too")
        elif names[0] < names[1]:
            zh = f"{names[0]} 与 {names[1]} 的条件相同"
            yield BaseFault("duplicate", *names, zh, f"{names[0]} and {names[1]} have the same conditions")
    if one.expect and other.expect and one.about.entails(other.when):
        both = Facts([*one.when, *one.expect, *other.expect])
        single = (one.passing, Facts([*one.when, *other.expect]))
        apart = all(each.possible() for each in single) and not both.possible()
        if apart and (names[0] < names[1] or not other.about.entails(one.when)):
            zh = f"凡 {names[0]} 适用的，{names[1]} 也适用，两者不能都符合"
            en = f"a row that {names[0]} is about is one for {names[1]} too, and cannot pass both"
            yield BaseFault("contradiction", *names, zh, en)


def _covers(one: Claim, other: Claim) -> bool:
    """Whether whatever ``one`` finds is found by ``other`` too."""
    if one.expect and other.expect:
        return one.failing.entails(other.failing.parts)
    if not (one.across and other.across) or not one.about.entails(other.when):
        return False
    mine, theirs = one.across, other.across
    if "keys" in mine and "keys" in theirs:
        wider = (mine["within"], theirs["within"]) != ("batch", "case")
        return wider and set(mine["keys"]) >= set(theirs["keys"])
    return mine == theirs
