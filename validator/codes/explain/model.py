"""What a code taken apart is made of."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from validator.base.language import Lang
from validator.codes.standards import Form, Segment


@dataclass(frozen=True)
class Remark:
    """A remark about a code; ``error`` makes the code invalid."""

    level: Literal["error", "warning", "info"]
    zh: str
    en: str

    def text(self, lang: Lang) -> str:
        """What it says."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Part:
    """One segment of a code; None for characters that belong to no segment."""

    segment: Segment | None
    text: str
    remark: Remark | None = None  #: what the text means, or what is wrong with it


@dataclass(frozen=True)
class Entry:
    """One version of a code table that has the code."""

    table: str
    version: str
    code: str
    name: str
    since: date | None
    until: date | None
    in_force: bool  #: on the day asked for, or by the newest version
    grey: bool | None
    columns: dict[str, str]  #: what else the table publishes of it


@dataclass(frozen=True)
class Known:
    """What a row of a knowledge table says of the code."""

    table: str
    row: str
    zh: str
    en: str
    basis: str
    sure: str

    def text(self, lang: Lang) -> str:
        """What it says."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Reading:
    """A text read as a code of one form."""

    form: Form
    code: str  #: as it should be written; the text itself where that cannot be known
    parts: list[Part]
    remarks: list[Remark] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    knowledge: list[Known] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with it."""
        remarks = [*self.remarks, *(part.remark for part in self.parts if part.remark)]
        return all(remark.level != "error" for remark in remarks)


@dataclass(frozen=True)
class Explanation:
    """Every reading of a text, the likeliest first; none where it looks like no code."""

    text: str
    readings: list[Reading]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether it is a code as it stands."""
        return any(reading.valid for reading in self.readings)
