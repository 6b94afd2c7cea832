"""Frames, and what is known of them, as bytes that another process reads."""

from __future__ import annotations

import io
import json
from typing import Any

from validator.base.lazy import pl


def to_bytes(frame: pl.DataFrame) -> bytes:
    """The frame as an Arrow file."""
    held = io.BytesIO()
    frame.write_ipc(held, compression="lz4")
    return held.getvalue()


def with_about(frame: pl.DataFrame, about: object) -> bytes:
    """A frame and something that JSON can hold, for :func:`apart`."""
    return to_bytes(pl.DataFrame({"content": [to_bytes(frame), json.dumps(about).encode()]}))


def apart(content: bytes) -> tuple[pl.DataFrame, Any]:
    """What :func:`with_about` put together."""
    frame, about = pl.read_ipc(content)["content"]
    return pl.read_ipc(frame), json.loads(about)


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """A few rows of a large frame, without the texts of the others, which they would keep in memory."""
    return pl.read_ipc(to_bytes(frame))
