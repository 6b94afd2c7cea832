"""The report of a measurement: Parquet for other programs, a workbook and a page for people."""

from pathlib import Path

from validator.base import files, language
from validator.base.errors import InputError
from validator.base.language import Lang
from validator.scoring.run import Measurement

PAGE, WORKBOOK = "measures.html", "measures.xlsx"
#: Parquet files -> the frame of the measurement.
FRAMES = {
    "measures.parquet": "measured",  #: ``measures.MEASURED``
    "cases.parquet": "ways",  #: which way each stay went for each measure
    "signals.parquet": "signals",  #: ``signals.SIGNALLED``
    "dispersion.parquet": "dispersion",  #: ``indices.DISPERSION``
}


def write(found: Measurement, folder: Path, lang: Lang = "zh") -> list[Path]:
    """Write all files into ``folder``; gives their paths, the page first."""
    from validator.scoring.report import html, xlsx

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with language.speaking(lang):
            written = [html.write(found, folder / PAGE), xlsx.write(found, folder / WORKBOOK)]
        for name, attribute in FRAMES.items():
            with files.replacing(folder / name) as scratch:
                getattr(found, attribute).write_parquet(scratch)
            written.append(folder / name)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        where = error.filename or folder
        raise InputError(
            f"写不了 {where}：它正被别的程序打开，或不许写", f"cannot write {where}: open elsewhere?"
        ) from error
    return written
