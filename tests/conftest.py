import os
import secrets
import tempfile
from pathlib import Path

from hypothesis import settings

settings.register_profile("zhikong", deadline=None)  # a busy machine is no fault
settings.load_profile("zhikong")

# No code tables but those that a test adds itself: this folder does not exist. Set here, before any test is collected.
os.environ["ZHIKONG_CODEBOOKS"] = str(Path(tempfile.gettempdir()) / f"zhikong-none-{secrets.token_hex(8)}")
