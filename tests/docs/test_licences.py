"""``docs/licences.md`` has every dependency, and the licence that it states itself."""

import pytest

from validator import docs
from validator.docs import licences

TEXT = (docs.root() / licences.PAGE).read_text(encoding="utf-8")
ROWS = {name: (extras, stated) for name, extras, stated in licences.rows(TEXT)}


def test_every_dependency_has_its_row():
    assert {name: extras for name, (extras, _) in ROWS.items()} == licences.dependencies()
    assert TEXT.startswith(licences.INTRODUCTION)
    assert TEXT.endswith(licences.CLOSING)


@pytest.mark.parametrize("package", list(ROWS))
def test_the_row_is_what_the_package_says(package):
    stated = licences.licence(package)
    if stated is None:
        pytest.skip("not installed")
    assert stated == ROWS[package][1]
