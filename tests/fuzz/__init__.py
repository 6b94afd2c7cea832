"""Broken inputs made from a seed and a number, and the sentence that every run must end in (see ``judge``).

``python -m tests.fuzz 20000`` runs as many as wanted; ``--kind`` one kind, ``--number`` one input again, kept in ``--to``.
"""
