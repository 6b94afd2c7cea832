"""One server for the tests of a module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.intake.http.serving import Served


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Served"]:
    """A server on an empty ledger."""
    from tests.intake.http.serving import served

    with served(tmp_path_factory.mktemp("http") / "ledger") as made:
        yield made
