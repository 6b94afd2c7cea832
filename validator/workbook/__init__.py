"""Excel workbooks (``.xlsx``, ``.xlsm``) as what they are: a zip of XML parts (ECMA-376), changed in place.

Loading and saving a 2.5-million-cell workbook through openpyxl took 106 s where this was built, and it drops charts,
pictures and whatever else it does not know. Here only the bytes of touched cells change; every other part is copied.
"""
