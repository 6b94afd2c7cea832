"""Measures, scores and counts without a group, of a run cut into units, are those of one process."""

from pathlib import Path

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator import api, measure
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.distribute import engines, running
from validator.distribute.checking import CheckOptions
from validator.distribute.pool import Pool
from validator.distribute.running import Distributed
from validator.scoring.run import Measurement


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    tiny.keep(Store(folder))
    return folder


def frames(found: Measurement) -> list[pl.DataFrame]:
    return [found.measured, found.signals, found.dispersion, found.stays, found.every, found.ways]


def test_measures_are_those_of_one_process(data: Path, books: Path, tmp_path: Path) -> None:
    asked = {"by": ("hospital", "physician", "month"), "codebooks": books}
    alone = measure([str(data)], "2025", **asked)
    on = Distributed(Pool(2), tmp_path / "run")
    found = measure([str(data)], "2025", **asked, on=on, partition_rows=100)
    assert on.ran
    assert on.ran.units > 2
    assert alone.stays.height > 0
    assert (found.schemes, found.not_grouped, found.outside) == (alone.schemes, alone.not_grouped, alone.outside)
    for one, other in zip(frames(found), frames(alone), strict=True):
        assert one.select(other.columns).equals(other)


def test_cases_without_a_group_are_counted_together(data: Path, books: Path, tmp_path: Path) -> None:
    alone = api.check(str(data), codebooks=books).ungrouped
    options = CheckOptions(codebooks=books, partition_rows=100)
    found = running.check([str(data)], options, engines.Local())[0].ungrouped
    assert alone
    assert found
    assert (found.cases, found.excluded, found.schemes) == (alone.cases, alone.excluded, alone.schemes)
    with pytest.raises(InputError, match="只有文件"):
        measure({"case_id": "1"}, "2025", codebooks=books, on=Distributed(engines.Local()))
