"""Brings the grader to the platforms that courses live on, as an autograder there (`autograder export`)."""
