"""Why checks did not run on a case, or by which code tables they did."""

from collections.abc import Mapping

from validator.base.language import say
from validator.checks import fields
from validator.checks.judged_by import judged_by, nothing_loaded, used
from validator.checks.rows.case import JudgedCase
from validator.checks.tally import Tally


def reasons(case: JudgedCase, wanted: frozenset[str], tallies: Mapping[str, Tally]) -> dict[str, str]:
    """Check -> the reason; checks that ran as they should have none."""
    plan = case.plan.plan
    found = dict.fromkeys(plan.checks.keys() - wanted, say("未选", "not selected"))
    found |= {name: _missing(case, missing) for name, missing in plan.skipped.items() if name in tallies}
    for table in case.plan.tables.values():
        for codes in table.codes:
            every = [each for each in plan.code_checks[table.name][codes.field].values() if each.id in wanted]
            if not codes.loaded:
                asking = [each.id for each in every if not _without_tables(each.aspect)]
                asking += case.plan.asking[table.name, codes.field]
                found |= dict.fromkeys(asking, nothing_loaded(codes.forms))
            tables = used(codes.forms, [codes.era(case.day)])
            for check in every:
                if tally := tallies.get(check.id):
                    found[check.id] = judged_by(tables, check, tally.unjudged)
    return found


def _without_tables(aspect: str) -> bool:
    about = fields.ASPECTS[aspect]
    return isinstance(about, fields.TableAspect) and about.without_tables


def _missing(case: JudgedCase, name: str) -> str:
    plan = case.plan.plan
    if ((table := plan.table_of(name)), "") in case.unread:
        title = plan.catalogue.layouts[plan.interface].title(table)
        return say(f"没有读到{title}", f"{title} was not read")
    return say(f"{plan.interface} 的数据里没有 {name}", f"{plan.interface} data has no {name}")
