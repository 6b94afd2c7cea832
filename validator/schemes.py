"""Whether a batch keeps to one scheme of codes, where several are in use (``schemes`` of a value set)."""

from collections import Counter
from collections.abc import Iterator

import polars as pl

from validator.catalogue import Catalogue
from validator.domains import Domain
from validator.profiles import ANY
from validator.tables import Note
from validator.text import current, say


class Schemes:
    """What the cases of a batch use: their codes or, where codes do not tell, what the set's ``told_by`` fact says."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.sets = [domain for domain in catalogue.domains.values() if domain.schemes]
        self.counts: dict[str, Counter[str]] = {domain.name: Counter() for domain in self.sets}
        self.rows = {
            row.domain: row
            for layout in catalogue.layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
        }

    def add(self, cases: pl.DataFrame) -> None:
        """Count the cases of one partition, its facts computed."""
        for domain in self.sets:
            column = domain.told_by or self.rows[domain.name].field
            if column in cases.columns:
                self.counts[domain.name].update(dict(cases[column].drop_nulls().value_counts().iter_rows()))

    def notes(self) -> Iterator[Note]:
        """One note for each value set of which no single scheme, or not the profile's, explains every case."""
        for domain in self.sets:
            chosen = self.catalogue.profile.schemes.get(domain.name, ANY)
            able = [chosen] if chosen != ANY else list(domain.schemes)
            known = {code for scheme in domain.schemes for code in _codes(domain, scheme)}
            met = {code: n for code, n in self.counts[domain.name].most_common() if code in known or domain.told_by}
            checked_anyway = chosen != ANY and not domain.told_by  # each case has a finding of its own
            if checked_anyway or any(met.keys() <= _codes(domain, scheme) for scheme in able):
                continue
            row = self.rows[domain.name]
            due = (
                ""
                if chosen == ANY
                else say("本地方案规定用", "The profile asks for ") + domain.schemes[chosen].title(current())
            )
            counts = say("，", ", ").join(_counted(domain, code, n) for code, n in met.items())
            yield Note(
                "read/mixed-scheme",
                row.table,
                row.field,
                args={"name": row.name(current()), "counts": counts, "due": due},
            )


def _codes(domain: Domain, scheme: str) -> set[str]:
    return {scheme} if domain.told_by else set(domain.schemes[scheme].names)


def _counted(domain: Domain, code: str, cases: int) -> str:
    name = domain.schemes[code].title(current()) if domain.told_by and code in domain.schemes else code
    return say(f"{name} {cases} 例", f"{name} in {cases} cases")
