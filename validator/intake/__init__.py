"""The bureau's intake: what arrived, when, against what should have; what is accepted or returned, and what hospitals get back."""
