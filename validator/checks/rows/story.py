"""A list and its case record compared, one stay at a time: what :mod:`validator.checks.story.columns` does of batches."""

from dataclasses import dataclass, field

from validator.checks.rows.words import ShownFinding
from validator.checks.story.compare import comparer
from validator.checks.story.stays import Companions, DocumentRows
from validator.checks.tally import Tally
from validator.codes.editions import Edition
from validator.read.message_rows import MessageRows
from validator.read.stay_rows import joining_key, note_of_case
from validator.spec.catalogue import Catalogue, Check


@dataclass
class StayStory:
    """What comparing gave; nothing but the checks where the two are not of one stay."""

    checks: dict[str, Check]
    key: int | None  #: the place in ``schemas/story`` of the key by which they are of one stay
    found: list[ShownFinding] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def compare(catalogue: Catalogue, mine: MessageRows, theirs: MessageRows, edition: Edition, *, mask: bool) -> StayStory:
    """Compare a list with a record, of which ``edition`` is that of the codes; both get a note where they are not of one stay."""
    key = joining_key(mine, theirs, catalogue.story)
    if key is None:
        mine.notes.append(note_of_case(mine, "read/no-record"))
        theirs.notes.append(note_of_case(theirs, "read/only-record"))
        return StayStory({}, None)
    compare = comparer(catalogue, mine.layout.name, theirs.layout.name)
    files = {source.file: edition for source in theirs.sources}
    went, found = (compared := Companions(compare, _rows(mine), _rows(theirs), files)).compare([(0, 0)], mask=mask)
    shown = [ShownFinding(**{**each.columns, "check": compare.checks[each.columns["check"]]}) for each in found]
    reasons = {name: text for name, text in compared.reasons().items() if name in went.tallies}
    return StayStory(compare.checks, key, shown, went.tallies, reasons)


def _rows(read: MessageRows) -> DocumentRows:
    tables = {
        name: {
            0: [
                {**row, "_row": number, "_source": source, "_line": line}
                for row, (_, number, source, line) in zip(table.rows, table.places, strict=True)
            ]
        }
        for name, table in read.tables.items()
    }
    return DocumentRows(read.layout.case, tables, read.sources)
