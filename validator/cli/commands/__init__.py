"""The subcommands: each module's ``command()`` builds one in the current language; the file's name is the command's.

They import Polars and the engine inside their functions, so that ``zhikong --help`` need not wait for them.
"""
