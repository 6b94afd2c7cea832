"""Personal data in findings that do not stand in their own field, as :mod:`validator.checks.hiding` hides them in a batch."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.base.masking import ADDRESS_LIKE, NAME_LIKE, masked_text, persons_in
from validator.base.regexes import Regex
from validator.checks.misplaced import ADDRESS_AMONG, SHORTEST, coded
from validator.spec.layouts import FieldRow

if TYPE_CHECKING:
    from validator.checks.rows.case import CaseRow
    from validator.checks.rows.words import ShownFinding

_NAME, _ADDRESS, _AMONG = map(Regex, (NAME_LIKE, ADDRESS_LIKE, ADDRESS_AMONG))


class Hider:
    """Hides ID and mobile numbers, the case's own names, and names and addresses where codes belong."""

    def __init__(self, rows: Mapping[str, Mapping[str, FieldRow]], case: str) -> None:
        """``rows``: field rows by table and field; ``case``: the table with one row per case."""
        self._coded = coded(rows)
        self._names = [row.field for row in rows[case].values() if row.personal == "name"]

    def hide(self, found: "ShownFinding", own: "CaseRow | None") -> "ShownFinding":
        """The finding without them; ``own``: the row of its case, if it is of one."""
        value, args, suggested = found.value, found.args, found.suggested
        shown = [value, args, suggested]
        if (found.table, found.field) in self._coded and value and not value.isascii():
            for pattern, kind in ((_NAME, "name"), (_ADDRESS, "address")):
                text = shown[0]
                if text is not None and pattern.search(text) and not text.endswith("族"):
                    shown = _without(shown, text, kind)
        shown = [text and persons_in(text) for text in shown]
        shown[1] = shown[1] and _AMONG.sub(r"\1\2***", shown[1])
        for name in self._names if own else ():
            assert own
            shown = _without(shown, own.raw.get(name), "name")
        if shown == [value, args, suggested]:
            return found
        return replace(found, value=shown[0], args=shown[1] or "", suggested=shown[2])


def _without(shown: list[str | None], text: str | None, kind: str) -> list[str | None]:
    """The texts with another one hidden in all of them."""
    if text is None or len(text) < SHORTEST:
        return shown
    hidden = masked_text(text, kind)
    return [each and each.replace(text, hidden) for each in shown]
