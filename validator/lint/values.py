"""Value sets against each other, and codes that expressions name against the value set of their field."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from validator.checks.language.tree import Term
from validator.checks.plan import Plan
from validator.checks.plans import whole_plan
from validator.codes.value_sets import Domain
from validator.lint.fault import BaseFault
from validator.spec.catalogue import Catalogue
from validator.spec.interfaces import split

_SHARED = 3  #: names that two sets have in common before their codes are compared
#: Constructs of a field and codes written out -> whether the codes are but the beginning of a value.
_COMPARED = {"=": False, "<>": False, "in": False, "STARTS_WITH": True}


def remarks(catalogue: Catalogue) -> Iterator[BaseFault]:
    """Codes that a set lacks though a rule or another set has them, and codes that differ by a leading zero only."""
    for domain in catalogue.domains.values():
        yield from _zeros(domain)
        yield from _followed(domain, catalogue.domains)
    for one, other in combinations(catalogue.domains.values(), 2):
        yield from _written_otherwise(one, other)
    for name in catalogue.layouts:
        plan = whole_plan(catalogue, name)
        for check, table, tree in _trees(plan):
            yield from _codes(plan, check, table, tree)


def _zeros(domain: Domain) -> Iterator[BaseFault]:
    """Codes of one scheme that are the same but for leading zeros."""
    for names in [each.names for each in domain.schemes.values()] or [domain.names]:
        for one, other in combinations(names, 2):
            if one.lstrip("0") == other.lstrip("0"):
                zh = f"值域 {domain.name} 既有 {one} 又有 {other}，只差前面的 0"
                en = f"value set {domain.name} has both {one} and {other}, which differ by a leading zero"
                yield BaseFault("values", f"{domain.name} {one}", f"{domain.name} {other}", zh, en)


def _written_otherwise(one: Domain, other: Domain) -> Iterator[BaseFault]:
    """Two sets that name the same things and write the codes with and without a leading zero."""
    codes = {zh: code for code, (zh, _) in other.names.items()}
    shared = [(code, codes[zh]) for code, (zh, _) in one.names.items() if zh in codes]
    apart = [(mine, theirs) for mine, theirs in shared if mine != theirs and mine.lstrip("0") == theirs.lstrip("0")]
    if len(shared) >= _SHARED and apart:
        mine, theirs = apart[0]
        zh = f"同一含义，值域 {one.name} 写 {mine}，{other.name} 写 {theirs}"
        en = f"for the same meaning, value set {one.name} has {mine} and {other.name} has {theirs}"
        yield BaseFault("values", one.name, other.name, zh, en)


def _followed(domain: Domain, known: dict[str, Domain]) -> Iterator[BaseFault]:
    """Codes whose beginning another set lacks, and codes of that set with which none of these begins."""
    if not domain.begins:
        return
    name, digits = domain.begins
    mine, theirs = ({code[:digits] for code in each.names} for each in (domain, known[name]))
    for text in sorted(mine - theirs):
        zh, en = f"{domain.name} 有 {text} 开头的代码，{name} 里没有", f"{domain.name} has codes {text}…, {name} none"
        yield BaseFault("values", f"{domain.name} {text}", name, zh, en)
    for text in sorted(theirs - mine):
        zh, en = f"{name} 有 {text} 开头的代码，{domain.name} 里没有", f"{name} has codes {text}…, {domain.name} none"
        yield BaseFault("values", f"{name} {text}", domain.name, zh, en)


def _trees(plan: Plan) -> Iterator[tuple[str, str, Term]]:
    """Every tree of rules, conditional requirements and facts: whose it is, its table, the tree."""
    for steps in plan.rules.values():
        for step in steps:
            for each in (step.when, step.expect):
                if each:
                    yield step.check.id, step.check.table, each.tree
    for fact in (fact for round_ in plan.facts for fact in round_):
        for each in (fact.value, fact.where):
            if each:
                yield fact.fact.name, fact.fact.on, each.tree


def _codes(plan: Plan, check: str, table: str, tree: Term) -> Iterator[BaseFault]:
    """The codes that a tree compares a field with and that the field's value set lacks."""
    for node in tree.walk():
        if node.op.name not in _COMPARED:
            continue
        operand, constants = _operand(node.kids[0]), [kid.value for kid in node.kids[1:] if kid.literal]
        shortened = operand.op.name == "LEFT"
        name = _operand(operand.kids[0]) if shortened else operand
        domain = _domain(plan, table, name.value) if name.op.name == "name" else None
        for code in map(str, constants):
            if domain and not _has(domain, code, beginning=shortened or _COMPARED[node.op.name]):
                zh = f"{check} 用到代码“{code}”，值域 {domain.name} 里没有"
                en = f"{check} names the code '{code}', which value set {domain.name} does not have"
                yield BaseFault("values", check, f"{domain.name} {code}", zh, en)


def _operand(node: Term) -> Term:
    """The first operand of COALESCE, else the node."""
    return node.kids[0] if node.op.name == "COALESCE" else node


def _domain(plan: Plan, table: str, name: str) -> Domain | None:
    own, field = split(name)
    row = plan.rows.get(table, {}).get(name) or plan.rows.get(own or plan.case, {}).get(field or name)
    return plan.catalogue.domains[row.domain] if row and row.domain else None


def _has(domain: Domain, code: str, *, beginning: bool) -> bool:
    known: Iterable[str] = domain.names
    if not code or (domain.children and any(code.startswith(each) for each in known)):
        return True
    return any(each.startswith(code) for each in known) if beginning else code in domain.names
