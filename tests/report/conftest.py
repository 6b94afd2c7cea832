from collections.abc import Iterator

import pytest

from tests.report.sample import FILE, SampleReport
from tests.report.user_workbook import make
from validator.base import language


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    before = language.current()
    language.use("zh")
    yield
    language.use(before)


@pytest.fixture
def report():
    return SampleReport()


@pytest.fixture
def own(tmp_path):
    """A report on the coder's own workbook, which is there."""
    return SampleReport(inputs=[str(make(tmp_path / FILE))])
