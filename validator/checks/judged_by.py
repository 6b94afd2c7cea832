"""By which code tables codes were judged, or why they were not, in words."""

from collections.abc import Iterable, Sequence

from validator.base.language import current, say
from validator.codes import lookup
from validator.codes.lookup import Era
from validator.codes.standards import Form
from validator.spec.catalogue import Check

#: A code table that a check was judged by: its form's place from the last, its path, its title.
Used = tuple[int, str, str]


def used(forms: Sequence[Form], eras: Iterable[Era]) -> list[Used]:
    """The tables that codes were held against."""
    return sorted(
        {
            (-place, str(era.versions[form.table].path), lookup.titled(form, era.versions[form.table], current()))
            for era in eras
            for place, form in enumerate(forms)
            if form.table in era.versions
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


def nothing_loaded(forms: Sequence[Form]) -> str:
    """Why codes were not judged: no table of theirs is loaded."""
    tables = " ".join(dict.fromkeys(form.table for form in forms if form.table))
    return say(
        f"没有装载码表（{tables}）；用 zhikong codebooks add 装载官方码表后检查",
        f"no code table is loaded ({tables}); add the official one with zhikong codebooks add",
    )
