"""The row road: a few cases judged by plain values and generated Python, without Polars.

It says of each case what the columns of :mod:`validator.checks.engine` say of a batch, and is the oracle of these.
"""
