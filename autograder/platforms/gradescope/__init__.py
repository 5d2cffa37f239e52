"""Makes an assignment's autograder for Gradescope: the zip that it takes, and what runs in its container.

The format is documented at https://gradescope-autograders.readthedocs.io (specifications, submission
metadata, troubleshooting, best practices).
"""
