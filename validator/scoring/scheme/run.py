"""Score hospitals: measure their lists, or take a table of indicators, and apply a scheme.

>>> from validator import score
>>> score("清单/", scheme="zhejiang-drg", period="2026", marks="评分.csv").sheets
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from validator.base import language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.scoring.period import Period
from validator.scoring.period import period as read_period
from validator.scoring.run import Measurement, measure
from validator.scoring.scheme import appeal, given_tables, pages
from validator.scoring.scheme.appeal import Rejudged
from validator.scoring.scheme.difference import SheetChange, difference
from validator.scoring.scheme.figures import ScoringInput
from validator.scoring.scheme.given_tables import Marks, Values
from validator.scoring.scheme.pages import AssessedItem, ScoreScheme
from validator.scoring.scheme.ranking import Cases, cases_of, ranked
from validator.scoring.scheme.sheets import ScoreSheet, sheets_of

if TYPE_CHECKING:
    from validator.intake.ledger import Ledger

_TABLE, _CASES = "measures.parquet", "cases.parquet"  #: what ``zhikong measure --to`` writes
#: The cases that cost points: hospital, item, measure, case.
POINTED = {"hospital": pl.String(), "item": pl.String(), "measure": pl.String(), "case_id": pl.String()}


@dataclass(frozen=True, eq=False)
class Scoring:
    """Hospitals scored by a scheme. ``changes``: what an appeal, or another version of the scheme, changes."""

    scheme: ScoreScheme  #: as it holds at the end of the period
    period: Period
    sheets: tuple[ScoreSheet, ...]
    given: ScoringInput
    ways: (
        pl.DataFrame | None
    )  #: which way each case went for each measure, with its hospital; None where it is not known
    cases: Mapping[str, Cases]  #: of the measures whose interval needs them
    inputs: Mapping[str, tuple[Path, ...]]  #: files and folders that were read, by option
    against: ScoreScheme | None = None
    before: tuple[ScoreSheet, ...] = ()  #: before the appeal, or by the other version
    rejudged: tuple[Rejudged, ...] = ()  #: cases that count otherwise after the appeal
    measurement: Measurement | None = field(default=None, repr=False)

    @cached_property
    def changes(self) -> tuple[SheetChange, ...]:
        """The hospitals that an appeal or the other version changes."""
        return difference(self.before, self.sheets) if self.before else ()

    @cached_property
    def ranked(self) -> pl.DataFrame:
        """``ranking.RANKED``."""
        return ranked(self.sheets, self.given, self.cases)

    @cached_property
    def pointed(self) -> pl.DataFrame:
        """The cases that speak against a hospital in an item that lost points (:data:`POINTED`)."""
        if self.ways is None:
            return pl.DataFrame(schema=POINTED)
        ways, found = self.ways, [pl.DataFrame(schema=POINTED)]
        for item in self.scheme.items:
            if item.measure not in ways.columns or item.unit != "share" or item.against:
                continue
            losing = [
                sheet.hospital.code
                for sheet in self.sheets
                for each in sheet.items
                if each.item.id == item.id and each.lost > 0
            ]
            rows = ways.filter(pl.col("hospital").is_in(losing) & (pl.col(item.measure).cast(pl.String) == _bad(item)))
            found.append(
                rows.select("hospital", pl.lit(item.id).alias("item"), pl.lit(item.measure).alias("measure"), "case_id")
            )
        return pl.concat(found).sort("hospital", "item", maintain_order=True)


def _bad(item: AssessedItem) -> str:
    """The way of a case that costs points."""
    return "yes" if item.better == "low" or item.take == "numerator" else "no"


def score(
    data: Any = None,
    *,
    scheme: str,
    period: str,
    table: str | Path | None = None,
    marks: str | Path | None = None,
    hospitals: str | Path | None = None,
    last: str | Path | None = None,
    rejudged: str | Path | None = None,
    ledger: "Ledger | None" = None,
    against: str = "",
    lang: Lang | None = None,
    **measuring: Any,
) -> Scoring:
    """Score by ``scheme`` (a name of ours, or a YAML file) for a period as of :func:`validator.measure`.

    ``data`` and ``measuring``: lists to measure first, as for :func:`validator.measure` (there ``grouping`` is called ``scheme``);
    or ``table``: indicator values, a file or a folder that ``zhikong measure --to`` wrote. ``marks``: what people gave;
    ``hospitals``: level, type and 医联体; ``last``: indicator values of the last period; ``rejudged``: contested cases that were
    judged again; ``ledger``: take those that it accepted. ``against``: another version of the scheme, to see the difference.
    Raises :class:`~validator.base.errors.InputError` and :class:`~validator.base.errors.ConfigError`.
    """
    if (data is None) == (table is None):
        raise InputError(
            "给清单，或用 --measures 给指标表，二者选一",
            "give lists or a table of indicators (--measures), one of them",
        )
    with language.speaking(lang):
        span, page = read_period(period), pages.load(scheme)
        page = page.on(span.end)
        known = given_tables.read_hospitals(Path(hospitals)) if hospitals else {}
        measured = (
            measure(data, period, scheme=measuring.pop("grouping", ""), ledger=ledger, lang=lang, **measuring)
            if table is None
            else None
        )
        leads = given_tables.leads(known) if page.settings.alliances else {}
        values, ways, cases = _of_measurement(measured, leads) if measured else _of_table(Path(str(table)))
        marked = given_tables.read_marks(Path(marks), page) if marks else Marks()
        before = _table(Path(last)) if last else None
        given = ScoringInput(values, marked, known, given_tables.read_values(before) if before else None)
        paths = {
            "data": data, "measures": _table(Path(table)) if table else None, "marks": marks, "hospitals": hospitals, "last": before,
            "rejudged": rejudged, "weights": measuring.get("weights_of_groups"),
        }  # fmt: skip
        found = Scoring(
            page, span, sheets_of(page, given, span.end), given, ways, cases,
            {name: _paths(value) for name, value in paths.items()}, measurement=measured,
        )  # fmt: skip
        if against:
            found = _by_other(found, against, marks)
        return _after_appeal(found, rejudged, ledger, leads)


def _paths(given: Any) -> tuple[Path, ...]:
    """The files and folders among what was given."""
    some = given if isinstance(given, list | tuple) else [given]
    return tuple(Path(each) for each in some if isinstance(each, str | Path))


def _table(path: Path) -> Path:
    """The table of indicators: a file, or that in a folder of ``zhikong measure --to``."""
    return path / _TABLE if path.is_dir() else path


def _of_table(path: Path) -> tuple[Values, pl.DataFrame | None, Mapping[str, Cases]]:
    """Values and ways of what ``zhikong measure`` wrote, or values alone of any table."""
    table = _table(path)
    cases = table.with_name(_CASES)
    ways = given_tables.read_ways(cases) if table.name == _TABLE and cases.is_file() else None
    return given_tables.read_values(table), ways, {}


def _of_measurement(
    measured: Measurement, leads: Mapping[str, str]
) -> tuple[Values, pl.DataFrame, Mapping[str, Cases]]:
    """Values, ways and cases of lists; those of a 医联体 are measured as one, so that persons and groups count once."""
    stays = measured.stays.with_columns(pl.col("hospital").replace(leads)) if leads else measured.stays
    measured = replace(measured, stays=stays)
    ways = measured.ways.drop("hospital", strict=False).with_columns(hospital=stays["hospital"])
    return given_tables.values(measured.measured), ways, cases_of(stays)


def _by_other(found: Scoring, name: str, marks: str | Path | None) -> Scoring:
    """The same year by another version of the scheme, as what was before."""
    other = pages.load(name).on(found.period.end)
    marked = given_tables.read_marks(Path(marks), found.scheme, other) if marks else Marks()
    return replace(found, against=other, before=sheets_of(other, replace(found.given, marks=marked), found.period.end))


def _after_appeal(
    found: Scoring, rejudged: str | Path | None, ledger: "Ledger | None", leads: Mapping[str, str]
) -> Scoring:
    """The scoring with contested cases counted anew; as it was where there are none."""
    if not rejudged and ledger is None:
        return found
    if found.before:
        raise InputError("--against 不能与改判一起用", "--against cannot be used with an appeal")
    if found.ways is None:
        raise InputError(
            "改判要知道每个病例怎么计的：给清单，或给 zhikong measure --to 写出的文件夹",
            "an appeal needs to know how each case counted: give lists, or the folder that zhikong measure --to wrote",
        )
    contested = appeal.read(Path(rejudged)) if rejudged else []
    contested += appeal.of_ledger(ledger, found.ways) if ledger is not None else []
    contested = [replace(each, hospital=leads.get(each.hospital, each.hospital)) for each in contested]
    values, changed = appeal.recounted(found.given.values, found.ways, contested)
    given = replace(found.given, values=values)
    return replace(
        found,
        given=given,
        sheets=sheets_of(found.scheme, given, found.period.end),
        before=found.sheets,
        rejudged=tuple(changed),
    )
