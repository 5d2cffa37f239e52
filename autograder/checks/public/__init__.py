"""The public checks: shipped to the learner, run by `check(...)` in a notebook."""
