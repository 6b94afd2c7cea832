"""What a right case is: layouts, rule pages, facts, profiles, and the catalogue that joins them."""
