"""Groups of single lists, and the corrections that would group them, by the loaded scheme."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.grouping import correction_words, corrections, reasons
from validator.grouping.grouper import Batch, Grouper, of_partition
from validator.grouping.outside import Outside
from validator.grouping.scheme import DrgScheme
from validator.intake.http.problems import ProblemError
from validator.read.messages import from_message
from validator.spec.interfaces import SCHEMES


class ListGrouping:
    """Groups lists one by one: strangers' lists never meet."""

    def __init__(self, profile: str, codebooks: str | None) -> None:
        """Raises where no scheme is loaded."""
        folder = Path(codebooks) if codebooks else None
        store = Store(folder)
        if not any(store.versions(f"{kind}_scheme") for kind in SCHEMES):
            raise ProblemError("conflict", "服务上没有装载分组方案", "no grouping scheme is loaded on the server")
        self._grouper = Grouper("", profile, folder)
        self._layouts, self._outside = self._grouper.catalogue.layouts, Outside(self._grouper.catalogue)

    def of(self, message: Mapping[str, Any] | bytes, *, corrections: bool) -> dict[str, Any]:
        """The members of an answer about one list's group."""
        content = json.loads(message) if isinstance(message, bytes) else message
        try:
            part = from_message(content, self._layouts)
            batch = self._grouper.batch(of_partition(part, self._grouper.catalogue, self._outside))
        except InputError as error:
            return {"group": None, "ungrouped": str(error), "corrections": [] if corrections else None}
        return {
            "group": _group(batch),
            "ungrouped": None,
            "corrections": self._corrections(batch) if corrections else None,
        }

    def _corrections(self, batch: Batch) -> list[dict[str, Any]]:
        version = self._grouper.version(batch.read.days.item())
        scheme = self._grouper.scheme(version)
        if not isinstance(scheme, DrgScheme):
            return []
        found = corrections.find(scheme, batch.cases, batch.result, self._grouper.sources(version))
        return [
            {
                **{name: row[name] for name in ("kind", "field", "before", "after", "applicability")},
                "text": correction_words.change(row["field"], row["before"], row["after"]),
                "group": row["drg"],
                "cautions": correction_words.cautions(row["cautions"]),
            }
            for row in found.iter_rows(named=True)
        ]


def _group(batch: Batch) -> dict[str, Any]:
    row = batch.result.row(0, named=True)
    name = "dip" if "dip" in row else "drg"
    return {
        "status": row["status"], "group": row[name], "mdc": row.get("mdc"), "adrg": row.get("adrg"), "reason": row["reason"],
        "reason_text": reasons.reason(row["reason"]) or None,
    }  # fmt: skip
