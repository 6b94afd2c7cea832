import pytest

from tests.report.golden import FOLDER, NAMES, produce


@pytest.mark.parametrize("name", NAMES)
def test_output_is_as_agreed(name):
    """After a wanted change: ``python -m tests.report.update``, and look at the diff."""
    assert produce(name) == (FOLDER / name).read_text(encoding="utf-8")
