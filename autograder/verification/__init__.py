"""Runs, grades and trains reference solutions on a backend and a device, with measurements."""
