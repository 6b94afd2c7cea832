"""The golden outputs: what each format makes of the sample report, as text that can be compared and read in a diff."""

from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.report.sample import FILE, SampleReport
from tests.report.user_workbook import make
from validator import __version__
from validator.report import write

FOLDER = Path(__file__).parents[1] / "golden" / "report"
TEXTS = (
    "console.zh.txt",
    "console.en.txt",
    "page.zh.html",
    "page.en.html",
    "findings.zh.jsonl",
    "scan.zh.sarif",
    "scan.en.xml",
)
WORKBOOKS = ("annotated.zh.txt", "fresh.en.txt")
NAMES = (*TEXTS, *WORKBOOKS)


def produce(name: str) -> str:
    """One golden output, made now; the version is left out, for it changes with every release."""
    lang = name.split(".")[1]
    with TemporaryDirectory() as folder:
        if name in WORKBOOKS:
            text = _workbook(Path(folder), lang, annotated=name.startswith("annotated"))
        else:
            path = write(SampleReport(lang=lang), Path(folder) / name)
            text = path.read_text(encoding="utf-8")
    return text.replace(__version__, "VERSION")


def _workbook(folder: Path, lang: str, *, annotated: bool) -> str:
    report = SampleReport(lang=lang)
    if annotated:
        report.inputs = [str(make(folder / FILE))]
    book = load_workbook(write(report, folder / "out.xlsx"))
    lines = [line for sheet in book for line in ("", f"== {sheet.title}", *_cells(sheet))]
    return "\n".join(lines).replace(f"{folder}", "FOLDER").replace("\\", "/") + "\n"


def _cells(sheet: Worksheet) -> list[str]:
    """Every cell that says something: value, fill, link, comment."""
    lines = []
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        fill = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else ""
        parts = [
            "" if cell.value is None else str(cell.value),
            fill and f"fill {fill}",
            f"link {cell.hyperlink.location}" if cell.hyperlink else "",
            f"comment {cell.comment.text!r}" if cell.comment else "",
        ]
        if any(parts):
            lines.append(f"{cell.coordinate}: " + " | ".join(part for part in parts if part))
    return lines
