"""What is checked of a field: one aspect each module, found by walking this folder; its words: ``schemas/field_checks.yaml``.

A new aspect is a module with a subclass of :class:`Aspect` (or of a class of ``codes.py``) and an entry in that file, whose
order is the order of a field's checks.
"""

from importlib import import_module
from pkgutil import iter_modules

from validator.checks.fields.aspect import Aspect, FieldCell, Filled, Spoil, every
from validator.checks.fields.codes import TableAspect
from validator.spec.catalogue import Check

__all__ = ["ASPECTS", "Aspect", "FieldCell", "Filled", "Spoil", "TableAspect", "of", "of_table"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

#: Every aspect by its name.
ASPECTS: dict[str, Aspect] = every()


def of(check: Check) -> Aspect:
    """The aspect that a field check looks at."""
    return ASPECTS[check.aspect]


def of_table(check: Check) -> TableAspect | None:
    """The aspect of a check that judges codes by tables; None for any other check."""
    aspect = ASPECTS.get(check.aspect) if check.row else None
    return aspect if isinstance(aspect, TableAspect) else None
