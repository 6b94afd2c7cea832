"""What checking one partition yields: all that a report takes from it, as frames, so that it may come from elsewhere."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from validator.base import frame_bytes
from validator.checks.plan import PlanKey
from validator.checks.tally import Tally
from validator.checks.totals import PartitionTotals
from validator.checks.unread import Missing, Unread
from validator.read.partition import Note, Rows, Source


@dataclass
class PartitionResult:
    """The outcome of one partition. ``source`` of its frames counts within ``about.sources``."""

    about: PartitionTotals
    findings: pl.DataFrame  #: ``findings.COMPACT``
    cases: pl.DataFrame  #: ``case_rows.COUNTED``
    repeats: dict[
        str, pl.DataFrame
    ]  #: rule about the whole batch -> ``key`` of each row, with the finding it may become

    def to_bytes(self) -> bytes:
        """The result as one Arrow file, whose rows are its frames as Arrow files and the rest as JSON."""
        frames, known = {"findings": self.findings, "cases": self.cases}, self.about
        frames |= {f"repeats:{name}": frame for name, frame in self.repeats.items()}
        about = {
            "place": known.place,
            "plan": [known.plan.layout, sorted(known.plan.tables), sorted(known.plan.supplied), known.plan.records],
            "sources": [asdict(source) for source in known.sources],
            "tallies": {name: list(vars(tally).values()) for name, tally in known.tallies.items()},
            "reasons": known.reasons,
            "judged_by": known.judged_by,
            "schemes": known.schemes,
            "unread": asdict(known.unread),
            "headings": known.headings,
            "joined": known.joined,
        }
        parts = {"about": json.dumps(about, ensure_ascii=False).encode()}
        parts |= {name: frame_bytes.to_bytes(frame) for name, frame in frames.items()}
        return frame_bytes.to_bytes(pl.DataFrame({"name": list(parts), "content": list(parts.values())}))

    @classmethod
    def from_bytes(cls, content: bytes) -> "PartitionResult":
        """The result that :meth:`to_bytes` wrote."""
        parts: dict[str, bytes] = dict(pl.read_ipc(content).iter_rows())
        about = json.loads(parts.pop("about"))
        frames = {name: pl.read_ipc(each) for name, each in parts.items()}
        layout, tables, supplied, records = about["plan"]
        known = PartitionTotals(
            about["place"],
            PlanKey(layout, frozenset(tables), frozenset(supplied), tuple(records)),
            [_source(each) for each in about["sources"]],
            {name: Tally(*counts) for name, counts in about["tallies"].items()},
            about["reasons"],
            {name: [(place, path, title) for place, path, title in each] for name, each in about["judged_by"].items()},
            {name: {code: (n, case) for code, (n, case) in met.items()} for name, met in about["schemes"].items()},
            _unread(about["unread"]),
            about["headings"],
            about["joined"],
        )
        found, cases = frames.pop("findings"), frames.pop("cases")
        return cls(known, found, cases, {name.removeprefix("repeats:"): frame for name, frame in frames.items()})


def _source(about: Mapping[str, Any]) -> Source:
    return Source(**{**about, "rows": about["rows"] and Rows(**about["rows"])})


def _unread(about: Mapping[str, Any]) -> Unread:
    missing = [Missing(**{**each, "source": _source(each["source"])}) for each in about["missing"]]
    return Unread(missing, [*map(_note, about["bare"])], about["near"])


def _note(about: Mapping[str, Any]) -> Note:
    return Note(**{**about, "source": about["source"] and _source(about["source"])})


def notes_to_bytes(notes: Sequence[Note]) -> bytes:
    """Notes as JSON, for :func:`notes_from_bytes`."""
    return json.dumps([asdict(note) for note in notes], ensure_ascii=False).encode()


def notes_from_bytes(content: bytes) -> list[Note]:
    """The notes that :func:`notes_to_bytes` wrote."""
    return [*map(_note, json.loads(content))]
