"""Runs public checks on GitHub, and tells what they say in the ways that GitHub has: a step of a workflow.

The notebook is run as a learner would run it, in this process: the repository is the learner's own, and holds
nothing that is hidden. What the cards say becomes annotations at the learner's cells, a summary of the job,
and the result that GitHub Classroom's reporter reads.
"""
