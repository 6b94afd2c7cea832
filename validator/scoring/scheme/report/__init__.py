"""The report of a scoring: a workbook in the shape of an assessment table, a page, Parquet, and a signed manifest."""

from pathlib import Path

from validator.base import files, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.scoring.scheme.run import Scoring

PAGE, WORKBOOK = "scores.html", "scores.xlsx"


def write(found: Scoring, folder: Path, key: Path | None = None, lang: Lang = "zh") -> list[Path]:
    """Write all files into ``folder``; gives their paths, the page first.

    ``key``: the Ed25519 key that signs the manifest, made when first needed; without it the manifest is not signed.
    """
    from validator.scoring.scheme.report import frames, html, manifest, xlsx

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with language.speaking(lang):
            written = [html.write(found, folder / PAGE), xlsx.write(found, folder / WORKBOOK)]
            for name, frame in frames.frames(found).items():
                with files.replacing(folder / name) as scratch:
                    frame.write_parquet(scratch)
                written.append(folder / name)
        return [*written, *manifest.write(found, folder, written, key)]
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        where = error.filename or folder
        raise InputError(
            f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
        ) from error
