"""Answers that are files: receipts and notices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.responses import Response

from validator.base import files

_MEDIA = {
    ".json": "application/json",
    ".html": "text/html; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What a route that answers so has in its description.
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "文件",
        "content": {
            media.partition(";")[0]: {"schema": {"type": "string"} if end != ".json" else {}}
            for end, media in _MEDIA.items()
        },
    }
}


def written(write: Callable[[Path], object], name: str) -> Response:
    """The file ``name`` of those that ``write`` leaves in a folder."""
    with files.scratch_folder() as folder:
        write(Path(folder))
        content = (Path(folder) / name).read_bytes()
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'unsafe-inline' data:",
    }
    return Response(content, headers=headers, media_type=_MEDIA[Path(name).suffix])
