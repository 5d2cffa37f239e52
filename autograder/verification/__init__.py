"""Reference solutions run, graded and trained on a backend and a device, with what was measured."""
