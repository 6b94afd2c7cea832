"""Generated stays in three documents: what agrees raises nothing, each planted contradiction its own finding and no other.

``python -m tests.checks.stays 50000`` goes through so many stays by every layout of the record: with the record in the list's
edition of codes, in the clinical one, and with one contradiction in each stay. The national tables and maps are used where they
stand next to the checkout, invented ones elsewhere.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from tests import tables
from tests.shared import NATIONAL
from validator import api, generate, loaders
from validator.codes.tables import Store
from validator.generate import dbf
from validator.read import together
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue

RECORDS = ("4401", "HQMS", "WT4")
LISTS = "4101+2301"
_SIZE = 5_000  #: stays at a time
#: Where records have codes and the names next to them, by the table of their kind.
_CODED = {
    "icd10": {
        ("diseinfo", "diag_code"): "diag_name",
        ("baseinfo", "C01C"): "C02N",
        ("baseinfo", "damg_intx_ext_rea_disecode"): "damg_intx_ext_rea",
    },
    "icd9cm3": {("oprninfo", "oprn_oprt_code"): "oprn_oprt_name"},
}
_FILES = {
    "icd10": ("icd10_nhsa.csv", "icd10_clinical20_to_nhsa20.csv"),
    "icd9cm3": ("icd9cm3_nhsa.csv", "icd9_clinical30_to_nhsa20.csv"),
}
Clinical = Mapping[str, Mapping[str, str]]  #: table -> code of the insurance edition -> one of the clinical edition
Found = tuple[str | None, str]  #: case and check


def invented(folder: Path) -> Clinical:
    """Keep tables of the codes that generated stays have, and maps in which each is another code of the clinical edition."""
    store, found = Store(folder), dict[str, dict[str, str]]()
    records = [generate.partitions(4_000, 1, interface=each) for each in ("4401", "HQMS")]
    parts = [part for each in records for part, _ in each]
    for table, places in _CODED.items():
        known = [
            part.tables[home].select(code=field, name=name).drop_nulls()
            for part in parts
            for (home, field), name in places.items()
            if field in part.tables[home].columns
        ]
        western = pl.concat(known).filter(pl.col("code").str.contains(dbf.WESTERN) | (table == "icd9cm3"))
        names = dict(western.filter(pl.col("code") != "-").iter_rows())
        found[table] = {code: _another(code, place) for place, code in enumerate(sorted(names))}
        own: list[tables.Row] = [(code, name, False) for code, name in names.items()]
        tables.add(store, table, own, "code", "name", "grey")
        rows: list[tables.Row] = [(other, code, names[code]) for code, other in found[table].items()]
        tables.add(store, f"{table}_map", rows, "code", "target", "target_name")
    return found


def _another(code: str, place: int) -> str:
    """Another extension of a diagnosis code; codes in two parts and procedures are the same in both editions."""
    stem = re.sub("x[0-9]{3}$", "", code)
    return f"{stem}x{900 + place % 100}" if re.fullmatch("[A-Z][0-9.x]{6}", stem) else code


def national(folder: Path) -> Clinical:
    """Keep the national tables and maps; of the codes of the clinical edition that stand for one, another one if there is any."""
    store, found = Store(folder), dict[str, Mapping[str, str]]()
    for table, (own, mapped) in _FILES.items():
        loaders.add(NATIONAL.codebooks / own, store, table, "2.0")
        loaders.add(NATIONAL.codebooks / mapped, store, f"{table}_map", "2.0")
        pairs = pl.read_csv(NATIONAL.codebooks / mapped, infer_schema=False).sort("same", descending=True)
        found[table] = dict(pairs.select("nhsa_code", "clinical_code").drop_nulls().iter_rows())
    return found


def in_clinical(record: Partition, clinical: Clinical) -> Partition:
    """A record coded in the clinical edition; a code that has no counterpart stays."""
    made = dict(record.tables)
    for table, places in _CODED.items():
        for home, field in places:
            if field in made[home].columns:
                made[home] = made[home].with_columns(pl.col(field).replace(clinical[table]))
    return replace(record, tables=made)


def stays(
    catalogue: Catalogue, count: int, seed: int, interface: str, clinical: Clinical | None = None, share: float = 0.0
) -> Iterator[tuple[api.Report, list[Found]]]:
    """So many stays checked, some thousands at a time, and what was planted in them: ``share`` of them contradict their record."""
    edition = "clinical" if clinical else "insurance"
    lists = generate.partitions(count, seed, interface=LISTS, size=_SIZE)
    records = generate.partitions(count, seed, interface=interface, size=_SIZE, contradictions=share)
    for (mine, _), (record, truth) in zip(lists, records, strict=True):
        theirs = in_clinical(record, clinical) if clinical else record
        parts = together.brought_together(
            [mine, theirs], catalogue.layouts, catalogue.story, edition=edition, judge=catalogue.judge
        )
        yield api.run(catalogue, parts), truth.select("case_id", "check").rows()


def surprises(report: api.Report, planted: list[Found]) -> list[Found]:
    """The findings of comparing and of the reader that were not planted, and what was planted and not found.

    Where a stay has a contradiction, what else checks of one document find of it is no surprise.
    """
    found = report.findings
    if planted:
        found = found.filter(pl.col("check").str.starts_with("ST") | pl.col("check").str.starts_with("read/"))
    return sorted(set(found.select("case_id", "check").rows()) ^ set(planted), key=str)


def main(count: int) -> int:
    """Go through the stays; 1 where anything surprises."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        clinical = (national if NATIONAL.codebooks.is_dir() else invented)(Path(folder))
        for interface in RECORDS:
            for title, codes, share in (("agree", None, 0.0), ("clinical", clinical, 0.0), ("contradict", None, 1.0)):
                catalogue = api.load(codebooks=folder if codes else None)
                start, joined, found = time.process_time(), 0, list[Found]()
                for report, planted in stays(catalogue, count, 7, interface, codes, share):
                    joined += sum(report.joined.values())
                    found += surprises(report, planted)
                cost = time.process_time() - start
                wrong += len(found) + (joined != count)
                sys.stdout.write(f"{interface} {title}: {joined} stays, {len(found)} surprises, {cost:.0f} CPU s\n")
                sys.stdout.writelines(f"  {each}\n" for each in found[:10])
                sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", type=int, nargs="?", default=50_000)
    sys.exit(main(options.parse_args().count))
