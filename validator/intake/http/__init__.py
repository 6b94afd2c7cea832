"""The service over HTTP (``zhikong serve``): lists checked without being kept, and the intake of :mod:`validator.intake`.

Routes only read requests and word answers; what they do is done by the functions that the commands call.
"""
