"""Handles releases: what solutions show, what was built before, and a notebook as it was given out."""
