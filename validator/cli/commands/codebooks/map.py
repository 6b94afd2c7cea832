"""``zhikong codebooks map``."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli.help import Command, codebooks_option
from validator.cli.output import format_option, show
from validator.cli.registry import FOUND_NOTHING, loaded, missing

if TYPE_CHECKING:
    from validator.codes.tables import Store


def command() -> Command:
    """``zhikong codebooks map``."""
    about = say(
        "国临版编码换成医保版编码，或反过来（--back）。\n"
        "写编码，或用 --file 和 --column 换算 CSV 的一列；一个对应都没有时退出码为 1。",
        "Codes of the clinical edition to those of the insurance edition, or back (--back).\n"
        "Give codes, or --file and --column for a column of a CSV. The exit code is 1 if none of them maps.",
    )
    path = click.Path(dir_okay=False, path_type=Path)
    to = say("换算后的 CSV 写到哪里（默认屏幕）", "Where the CSV goes (default: the screen)")
    return Command(
        run,
        about,
        click.Argument(["codes"], nargs=-1, metavar="[CODE…]"),
        click.Option(
            ["--back"], is_flag=True, help=say("医保版 → 国临版", "From the insurance to the clinical edition")
        ),
        click.Option(["--file"], type=path, metavar="CSV", help=say("要换算的 CSV", "A CSV to translate")),
        click.Option(["--column"], metavar="NAME", help=say("编码那一列的标题", "The heading of its codes")),
        click.Option(["--out"], type=path, metavar="CSV", help=to),
        format_option(),
        codebooks_option(),
    )


def run(
    codes: tuple[str, ...], back: bool, file: Path | None, column: str | None, out: Path | None, style: str,
    codebooks: Path | None,
) -> int:  # fmt: skip
    """Print each code with its counterparts, or write the file with them."""
    import polars as pl

    from validator.codes.tables import Store

    if bool(codes) == bool(file) or bool(file) != bool(column) or (out and not file):
        raise click.UsageError(say("写编码，或者写 --file 和 --column", "give codes, or --file and --column"))
    store = Store(codebooks)
    if not any(each.endswith("_map") for each in loaded(store)):
        raise missing(say("icd10_map、icd9cm3_map", "icd10_map, icd9cm3_map"))
    if file and column:
        return _file(store, file, column, back, out)
    found = store.mapped(pl.Series(codes, dtype=pl.String), back=back)
    nothing = dict.fromkeys(found.columns)
    rows = [row for each in codes for row in found.filter(code=each).to_dicts() or [{**nothing, "code": each}]]
    headings = {
        "code": say("编码", "Code"), "target": say(_edition(back), "Maps to"), "name": say("名称", "Name"),
        "table": say("表", "Table"), "version": say("版本", "Version"),
    }  # fmt: skip
    show(rows, headings, style)
    _tell_why(store, [each for each in codes if each not in set(found["code"])], back=back)
    return 0 if found.height else FOUND_NOTHING


def _tell_why(store: "Store", codes: list[str], *, back: bool) -> None:
    """Say why codes have no counterpart: they are blank, of the other edition already, or no map has them."""
    import polars as pl

    from validator.read.place import quoted, some

    def named(codes: list[str]) -> str:
        return some([quoted(code) for code in codes])

    there = set(store.mapped(pl.Series(codes, dtype=pl.String), back=not back)["code"])
    of_other, unknown = (
        [code for code in dict.fromkeys(codes) if code and (code in there) is way] for way in (True, False)
    )
    if blank := codes.count(""):
        click.echo(say(f"{blank} 行没有填编码", f"{blank} rows have no code"), err=True)
    if of_other:
        zh = f"{named(of_other)} 已是{_edition(back)}编码" + ("" if back else "；要换成国临版，加 --back")
        en = f"{named(of_other)}: of the edition asked for" + ("" if back else "; --back maps it the other way")
        click.echo(say(zh, en), err=True)
    if unknown:
        zh, en = (
            f"{named(unknown)}：装载的对照表里没有这个编码",
            f"{named(unknown)}: no map that is loaded has this code",
        )
        click.echo(say(zh, en), err=True)


def _edition(back: bool) -> str:
    return "国临版" if back else "医保版"


def _file(store: "Store", file: Path, column: str, back: bool, out: Path | None) -> int:
    """Write the CSV with two more columns: the counterparts of one column's codes, and their names."""
    import polars as pl

    from validator.base import files
    from validator.base.formulas import plain
    from validator.read import delimited
    from validator.read.place import Place, some

    place = Place(str(file))
    grid = delimited.grid(file.read_bytes(), place)
    delimited.check_widths(grid, 0)
    heading, *rows = grid.rows
    if column not in heading:
        raise place.fault(
            f"没有“{column}”这一列，有：{some(heading)}", f"has no column '{column}', but: {some(heading)}"
        )
    codes = pl.Series([row[heading.index(column)].strip() for row in rows], dtype=pl.String)
    found = store.mapped(codes, back=back).group_by("code").agg(pl.col("target", "name").str.join(" "))
    known = {code: more for code, *more in found.rows()}
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*heading, f"{_edition(back)}编码", f"{_edition(back)}名称"])
    writer.writerows(map(plain, (*row, *known.get(code, ("", "")))) for row, code in zip(rows, codes, strict=True))
    if out:
        with files.replacing(out) as scratch:
            scratch.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")  # Excel tells UTF-8 by its mark
    else:
        click.echo(buffer.getvalue(), nl=False)
    unknown = [code for code in codes if code not in known]
    zh, en = (
        f"{codes.len()} 行，{codes.len() - len(unknown)} 行有对应",
        f"{codes.len()} rows, {codes.len() - len(unknown)} mapped",
    )
    click.echo(say(zh, en), err=True)
    _tell_why(store, unknown, back=back)
    return 0 if known else FOUND_NOTHING
