"""How the templates under ``reports/`` become pages of one file each."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from validator import __version__
from validator.base import files
from validator.base.language import say
from validator.base.text_width import printable
from validator.report.common.words import number


def environment(folder: str, *styles: str) -> Environment:
    """The templates of ``reports/<folder>``; they find words, figures, styles (paths below ``reports``) and the script."""
    reports = files.data("reports")
    made = Environment(
        loader=FileSystemLoader(reports / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = "".join((reports / name).read_text(encoding="utf-8") for name in ("html/report.css", *styles))
    script = (reports / "html" / "report.js").read_text(encoding="utf-8")
    made.globals |= {"say": say, "number": number, "version": __version__}
    made.globals |= {"css": Markup(css), "script": Markup(script)}  # noqa: S704 (our own files)
    return made


def write_page(templates: Environment, name: str, path: Path, **context: Any) -> Path:
    """Write the page that the template ``name`` makes of the context, control characters shown; gives its path."""
    page = templates.get_template(f"{name}.html.jinja").render(context)
    with files.replacing(path) as scratch:
        scratch.write_text(printable(page), encoding="utf-8", newline="\n")
    return path
