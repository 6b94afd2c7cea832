"""Runs the checks: types cells, judges field checks, codes and rules, and counts outcomes."""
