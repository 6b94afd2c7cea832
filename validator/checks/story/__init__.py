"""Whether list and case record tell the same of a stay: pairs of ``schemas/story``, compared case by case."""
