"""Grading on a Dask cluster: submissions travel as bytes, reports come back as JSON."""
