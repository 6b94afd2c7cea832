"""Annual scoring: any province's assessment table as data, applied to indicator values and marks that people gave."""
