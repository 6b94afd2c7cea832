"""Grouping: DRG and DIP schemes as data, the groupers, and why a case does not group."""
