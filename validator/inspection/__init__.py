"""Inspection of case records: their score, the indicators of 2016, and cases drawn for a person's verdict."""
