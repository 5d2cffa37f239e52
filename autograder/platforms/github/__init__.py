"""Exports to GitHub: a repository for each learner with public checks, and the instructor's with hidden ones.

GitHub Classroom copies a template repository for each learner. Its workflow reports points by the actions of
`education` (https://github.com/education/autograding-grading-reporter).
"""
