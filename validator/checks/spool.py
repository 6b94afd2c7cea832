"""Frames of many partitions: few rows in memory, the others on disk."""

import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

import polars as pl

from validator.base import files


class Spool:
    """Frames by the place of their partition, given back in that order."""

    def __init__(self, most: int) -> None:
        """``most``: so many rows stay in memory."""
        self.most, self.height = most, 0
        self._frames: dict[int, pl.DataFrame | Path] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, place: int, frame: pl.DataFrame) -> None:
        """Keep a partition's frame."""
        self.height += frame.height
        if not frame.height or self.height <= self.most:
            self._frames[place] = frame
            return
        self._folder = self._folder or files.scratch_directory()
        path = Path(self._folder.name) / f"{place}.arrow"
        with files.naming(path):
            frame.write_ipc(path, compression="lz4")
        self._frames[place] = path

    def __iter__(self) -> Iterator[tuple[int, pl.DataFrame]]:
        return self.only(self._frames)

    def only(self, places: Collection[int]) -> Iterator[tuple[int, pl.DataFrame]]:
        """The frames of some partitions."""
        for place in sorted(places):
            kept = self._frames[place]
            yield place, kept if isinstance(kept, pl.DataFrame) else pl.read_ipc(kept)

    def column(self, name: str) -> Iterator[tuple[int, pl.Series]]:
        """One column of each frame, the others not read."""
        for place, kept in sorted(self._frames.items()):
            yield place, (kept if isinstance(kept, pl.DataFrame) else pl.read_ipc(kept, columns=[name]))[name]
