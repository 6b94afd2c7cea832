"""By which code tables codes were judged, or why they were not, in words."""

from collections.abc import Iterable
from datetime import date

from validator.base.language import current, say
from validator.codes import lookup
from validator.codes.editions import Edition
from validator.codes.lookup import Judge
from validator.spec.catalogue import Check
from validator.spec.patterns import Pattern

#: A code table that a check was judged by: its form's place from the last, its path, its title.
Used = tuple[int, str, str]


def loaded(pattern: Pattern, judge: Judge) -> bool:
    """Whether a table is loaded that tells of a field's codes."""
    return not judge.tables.isdisjoint(pattern.tables)


def editions(pattern: Pattern, of_sources: Iterable[Edition]) -> list[Edition]:
    """The editions in which a field's codes may be; ``of_sources``: of the files' codes, where they may differ."""
    return sorted(set(of_sources)) if pattern.editions else ["insurance"]


def used(pattern: Pattern, judge: Judge, days: Iterable[date | None], of_sources: Iterable[Edition]) -> list[Used]:
    """The tables that codes were held against, on the days of some cases."""
    on = set(days) if loaded(pattern, judge) else {None}
    eras = [judge.era(day, edition) for day in on for edition in editions(pattern, of_sources)]
    return sorted(
        {
            (-place, str(table.path), lookup.titled(form, table, current()))
            for era in eras
            for place, form in enumerate(pattern.forms)
            if (table := era.table(form))
        }
    )


def judged_by(tables: Iterable[Used], check: Check, unjudged: int) -> str:
    """Which tables a check's codes were held against, in words, and why some were not judged."""
    titles = list(dict.fromkeys(title for _, _, title in sorted(tables)))
    shown = ("、" if current() == "zh" else ", ").join(titles)
    found = say(f"按{shown}核对", f"held against {shown}")
    if not titles:
        found = say(
            "没有装载码表，按编码中可核对的部分判断", "no table is loaded; judged by what can be verified in the code"
        )
    if unjudged and check.aspect != "name":
        found += say("；写法有误或没有码表的编码未判断", "; codes that are malformed or of no table are not judged")
    return found


def not_judged(pattern: Pattern, judge: Judge, of_sources: Iterable[Edition]) -> str:
    """Why codes of a field, or some of them, were not judged; blank where they were."""
    if not loaded(pattern, judge):
        return _nothing_loaded(pattern.tables)
    found = editions(pattern, of_sources)
    why = [unclear(each) for each in found]
    first = pattern.forms[0].table
    needed = {"insurance": first, "clinical": f"{first}_map"}
    lacking = [needed[each] for each in found if pattern.editions and needed.get(each, first) not in judge.tables]
    return say("；", "; ").join(filter(None, [*why, _nothing_loaded(lacking) if lacking else ""]))


def unclear(edition: Edition) -> str:
    """Why codes of an edition cannot be judged or compared; blank where it is clear."""
    match edition:
        case "mixed":
            return say("文件的编码混有国临版和医保版", "the file mixes codes of two editions")
        case "unknown":
            return say(
                "不知道病案首页用哪一版编码：装载医保版码表和国临版对照表，或用 --record-edition 指明",
                "the edition of the record is not known: load the code table and the map, or use --record-edition",
            )
    return ""


def _nothing_loaded(tables: Iterable[str]) -> str:
    names = " ".join(tables)
    return say(
        f"没有装载码表（{names}）；用 zhikong codebooks add 装载官方码表后检查",
        f"no code table is loaded ({names}); add the official one with zhikong codebooks add",
    )
