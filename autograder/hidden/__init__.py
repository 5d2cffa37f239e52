"""The hidden checks: they never leave the instructor's machine."""
