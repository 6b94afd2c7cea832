"""Generated cases with other defects, in which many more values are in another form than the interface's."""

import json
import random
import zipfile
from pathlib import Path

import polars as pl

from validator import api, generate
from validator.checks.fields import ASPECTS
from validator.generate import files
from validator.read.partition import Partition

SHARE = 0.1  #: of all cells


def partition(cases: int, seed: int = 1, interface: str = "4101", share: float = SHARE) -> Partition:
    part, _ = next(generate.partitions(cases, seed, 0.5, interface))
    known, draw = api.load(), random.Random(seed)
    for name, frame in part.tables.items():
        columns = []
        for row in known.layouts[interface].tables[name].fields.values():
            if row.field in frame.columns:
                _, spoil = ASPECTS["format"].defect(known, row)
                texts = frame[row.field].to_list()
                for place, text in enumerate(texts):
                    if text is not None and draw.random() < share:
                        texts[place] = spoil(text, draw.randrange(100))
                columns.append(pl.Series(row.field, texts, dtype=pl.String))
        part.tables[name] = frame.with_columns(columns)
    return part


def write(part: Partition, to: Path, how: str) -> Path:
    """The partition as files of one kind below ``to``; gives what to check."""
    to.mkdir()
    kind, _, encoding = how.partition(":")
    empty = pl.DataFrame(schema=generate.plant.TRUTH)
    match kind:
        case "lines":
            text = "\n".join(files.messages(part)) + "\n"
            (to / "lists.jsonl").write_text(text, encoding=encoding or "utf-8", newline="\n")
            return to / "lists.jsonl"
        case "array":
            messages = [json.loads(text) for text in files.messages(part)]
            (to / "lists.json").write_text(json.dumps(messages, ensure_ascii=encoding == "ascii"), encoding="utf-8")
            return to / "lists.json"
        case "zip":
            write(part, to / "inside", encoding)
            with zipfile.ZipFile(to / "lists.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for file in sorted((to / "inside").rglob("*")):
                    archive.write(file, f"清单/{file.name}")
            return to / "lists.zip"
    list(files.write([(part, empty)], to / "data", kind, part.tables["setlinfo"].height, encoding))
    found = list((to / "data").iterdir())
    return found[0] if kind == "xlsx" else to / "data"
