"""Grades on a Dask cluster: submissions are sent as bytes, and reports come back as JSON."""
