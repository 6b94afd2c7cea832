"""The kinds of cases (``schemas/generate/archetypes.yaml``) as arrays, to make a hundred thousand cases at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.base import files, yaml_csv
from validator.generate.draw import Draw

Places = NDArray[np.intp]  #: for each case, which kind it is
_PARAMETERS: dict[str, tuple[str, ...]] = {
    # key of an archetype -> columns that hold its parts
    "age_days": ("age_low", "age_high"), "days": ("days_low", "days_high"), "level1": ("level1_low", "level1_high"),
    "vent": ("vent_low", "vent_high"), "birth": ("birth_low", "birth_high"), "transfer": ("to_name", "to_code"),
}  # fmt: skip
_NESTED: dict[str, dict[str, tuple[str, ...]]] = {
    "icu": {"ward": ("icu_ward",), "after": ("icu_after_low", "icu_after_high"), "hours": ("icu_low", "icu_high")},
    "blood": {"cat": ("bld_cat",), "unit": ("bld_unt",), "amount": ("bld_low", "bld_high"), "code": ("bld_code",)},
    "coma": {"before": ("before_low", "before_high"), "after": ("after_low", "after_high")},
    "newborn": {"type": ("nwb_adm_type",), "weight": ("weight_low", "weight_high")},
    "tcm": {"disease": ("tcm_disease",), "syndrome": ("tcm_syndrome",)},
    "opsp": {"code": ("opsp_code",), "chance": ("opsp_chance",), "procedure": ("opsp_procedure",)},
}
_PLAIN: dict[str, Any] = {
    "share": None, "male": None, "dept": None, "from_dept": "", "hospital": "general",
    "day_surgery": False, "twins": False,
}  # fmt: skip
_TEXTS = {
    "icu_ward",
    "bld_cat",
    "bld_unt",
    "bld_code",
    "nwb_adm_type",
    "tcm_disease",
    "tcm_syndrome",
    "opsp_code",
    "opsp_procedure",
}


@dataclass(frozen=True)
class Choice:
    """One text for each case, by shares that depend on its kind."""

    texts: pl.Series
    edges: NDArray[np.float64]

    @classmethod
    def of(cls, options: Sequence[Mapping[str, float]]) -> "Choice":
        width = max(map(len, options))
        edges = np.ones((len(options), width))
        texts = np.full((len(options), width), "", dtype=object)
        for row, shares in enumerate(options):
            parts = np.cumsum(list(shares.values()))
            edges[row, : len(parts)] = parts / parts[-1]
            texts[row, : len(parts)] = list(shares)
        return cls(pl.Series(texts.ravel().tolist(), dtype=pl.String), edges)

    def draw(self, draw: Draw, subject: str, kinds: Places) -> pl.Expr:
        """The texts drawn."""
        edges = self.edges[kinds]
        place = (draw.chance(subject)[:, None] >= edges[:, :-1]).sum(axis=1)
        return pl.lit(self.texts[kinds * edges.shape[1] + place])


@dataclass(frozen=True)
class Slots:
    """The rows that cases of each kind may have."""

    frame: pl.DataFrame
    first: Places
    count: Places

    @classmethod
    def of(cls, rows: Sequence[Sequence[Mapping[str, Any]]], schema: Mapping[str, Any]) -> "Slots":
        count = np.array([len(each) for each in rows], dtype=np.intp)
        frame = pl.DataFrame([row for each in rows for row in each], schema=dict(schema))
        return cls(frame, np.cumsum(count) - count, count)

    def spread(self, kinds: Places) -> pl.DataFrame:
        """All rows of some cases: ``_case`` (place among them), ``slot`` (place within the case), the rows' columns."""
        count = self.count[kinds]
        case = np.repeat(np.arange(len(kinds)), count)
        slot = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count)
        keys = pl.DataFrame({"_case": case, "slot": slot}, schema={"_case": pl.UInt32, "slot": pl.UInt32})
        return keys.hstack(self.frame[self.first[kinds][case] + slot])


@dataclass(frozen=True)
class Kinds:
    """Everything that differs between kinds of cases."""

    parameters: pl.DataFrame  #: one row per kind
    way: Choice
    leave: Choice
    purpose: Choice
    principal: Choice
    diagnoses: Slots
    procedures: Slots
    charges: Slots
    names: dict[str, str]  #: of all codes


@cache
def load() -> Kinds:
    """The archetypes."""
    page = yaml_csv.read_yaml(files.data("schemas") / "generate" / "archetypes.yaml")
    kinds = list(page["archetypes"].values())
    names = page["diagnoses"] | page["tcm_diagnoses"] | page["procedures"] | page["outpatient_diseases"]
    return Kinds(
        parameters=_with_departments(pl.DataFrame([_parameters(each) for each in kinds], infer_schema_length=None)),
        way=Choice.of([each.get("way") or {"2": 1.0} for each in kinds]),
        leave=Choice.of([each.get("leave") or {"1": 0.97, "4": 0.03} for each in kinds]),
        purpose=Choice.of([dict.fromkeys(each.get("readmit") or [""], 1.0) for each in kinds]),
        principal=Choice.of([dict.fromkeys(each["principal"], 1.0) for each in kinds]),
        diagnoses=Slots.of(
            [_diagnoses(each, page["from_age"]) for each in kinds],
            {"code": pl.String, "chance": pl.Float64, "condition": pl.String, "from_age": pl.Int64},
        ),
        procedures=Slots.of(
            [[_procedure(row) for row in each.get("procedures") or []] for each in kinds],
            {
                "code": pl.String, "day_low": pl.Int64, "day_high": pl.Int64, "minutes_low": pl.Int64,
                "minutes_high": pl.Int64, "anst_way": pl.String, "chance": pl.Float64,
            },
        ),
        charges=Slots.of(
            [_charges(each["charges"], page["split"]) for each in kinds],
            {
                "category": pl.String, "yuan": pl.Float64,
                "share_b": pl.Float64, "share_own": pl.Float64, "share_other": pl.Float64,
            },
        ),
        names=names,
    )  # fmt: skip


def _parameters(kind: Mapping[str, Any]) -> dict[str, Any]:
    if "age" in kind:  # in years: from the day after the birthday to the day before the next one
        low, high = kind["age"]
        kind = {**kind, "age_days": [int(low * 365.25) + 2, int((high + 1) * 365.25) - 2]}
    row = {name: kind.get(name, default) for name, default in _PLAIN.items()}
    values = {**dict.fromkeys(_PARAMETERS, None), **kind, "level1": kind.get("level1", [0, 2])}
    parts = [(columns, values[key]) for key, columns in _PARAMETERS.items()]
    parts += [
        (columns, (kind.get(key) or {}).get(part)) for key, nest in _NESTED.items() for part, columns in nest.items()
    ]
    for columns, value in parts:
        several = value if isinstance(value, list) else [value] * len(columns)
        row |= {
            name: None if each is None else str(each) if name in _TEXTS else each
            for name, each in zip(columns, several, strict=True)
        }
    return row


def _with_departments(parameters: pl.DataFrame) -> pl.DataFrame:
    """Number the departments for the codes of their staff."""
    return parameters.with_columns(department_number=pl.col("dept").rank("dense").cast(pl.Int64))


def _diagnoses(kind: Mapping[str, Any], from_age: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"code": code, "chance": chance, "condition": condition, "from_age": from_age.get(code, 0)}
        for key, condition in (("others", "1"), ("complications", "4"))
        for code, chance in (kind.get(key) or {}).items()
    ]


def _procedure(row: Mapping[str, Any]) -> dict[str, Any]:
    (day_low, day_high), (low, high) = row["day"], row["minutes"]
    return {
        "code": str(row["code"]), "day_low": day_low, "day_high": day_high, "minutes_low": low, "minutes_high": high,
        "anst_way": row.get("anst"), "chance": row.get("chance", 1.0),
    }  # fmt: skip


def _charges(usual: Mapping[str, float], split: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """All categories of a kind; a blank sum means that it follows from the days."""
    amounts: dict[str, float | None] = {"01": None, "02": None, "07": None, **usual}
    columns = ("share_b", "share_own", "share_other")
    return [
        {"category": name, "yuan": yuan, **dict(zip(columns, map(float, split[name]), strict=True))}
        for name, yuan in sorted(amounts.items())
    ]
