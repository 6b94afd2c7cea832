"""Why checks did not run, or by which code tables they did."""

from collections.abc import Collection, Sequence
from datetime import date

from validator.base.language import say
from validator.checks import fields, judged_by, unloaded
from validator.checks.judged_by import Used
from validator.checks.plan import Plan
from validator.checks.rows.plan import RowPlan
from validator.codes.editions import Edition


def not_judged(plan: Plan, tallies: Collection[str], unread: Collection[tuple[str, str]]) -> dict[str, str]:
    """Check -> why it could not run, for those with a tally; ``unread``: table and column (blank: the table) that were not read."""
    return {name: _missing(plan, missing, unread) for name, missing in plan.skipped.items() if name in tallies}


def _missing(plan: Plan, name: str, unread: Collection[tuple[str, str]]) -> str:
    if ((table := plan.table_of(name)), "") in unread:
        title = plan.catalogue.layouts[plan.interface].title(table)
        return say(f"没有读到{title}", f"{title} was not read")
    return say(f"{plan.interface} 的数据里没有 {name}", f"{plan.interface} data has no {name}")


def without_tables(plan: RowPlan, wanted: frozenset[str], editions: Sequence[Edition]) -> dict[str, str]:
    """Check -> that no table of its codes, or no knowledge point of its kind, is loaded, or that their edition is not clear."""
    found = {name: why for name, why in unloaded.rules(plan.plan).items() if name in wanted}
    for table in plan.tables.values():
        for codes in table.codes:
            if why := judged_by.not_judged(codes.pattern, codes.judge, editions):
                every = plan.plan.code_checks[table.name][codes.field].values()
                asking = [each.id for each in every if each.id in wanted and not _needs_none(each.aspect)]
                asking += plan.asking[table.name, codes.field]
                found |= dict.fromkeys(asking, why)
    return found


def used_tables(
    plan: RowPlan, wanted: frozenset[str], days: Collection[date | None], editions: Sequence[Edition]
) -> dict[str, list[Used]]:
    """Check -> the code tables by which it was judged."""
    found = {}
    for table in plan.tables.values():
        for codes in table.codes:
            used = judged_by.used(codes.pattern, codes.judge, days, editions)
            why = judged_by.not_judged(codes.pattern, codes.judge, editions)
            for check in plan.plan.code_checks[table.name][codes.field].values():
                silent = not _needs_none(check.aspect)
                if check.id in wanted and not (silent and (not codes.loaded or (why and not used))):
                    found[check.id] = used
    return found


def _needs_none(aspect: str) -> bool:
    """Whether an aspect judges codes without a table too."""
    about = fields.ASPECTS[aspect]
    return isinstance(about, fields.TableAspect) and about.without_tables
