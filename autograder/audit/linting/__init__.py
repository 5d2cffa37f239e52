"""The linter of the course: everything that must hold of every assignment."""
