import getpass
import os
import secrets
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from tests import shared

settings.register_profile("zhikong", deadline=None)  # a busy machine is no fault
settings.load_profile("zhikong")

# No code tables but those that a test adds itself: this folder does not exist. Set here, before any test is collected.
os.environ["ZHIKONG_CACHE"] = str(Path(tempfile.gettempdir()) / f"zhikong-cache-{getpass.getuser()}")
os.environ["ZHIKONG_CODEBOOKS"] = str(Path(tempfile.gettempdir()) / f"zhikong-none-{secrets.token_hex(8)}")


@pytest.fixture(scope="session", params=shared.PUBLISHED, ids=lambda tables: tables.name)
def published(request: pytest.FixtureRequest) -> shared.Tables:
    """Code tables and a scheme as published: the made-up ones, then the national ones where they are."""
    return request.param
