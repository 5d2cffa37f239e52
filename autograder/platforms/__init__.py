"""The platforms that courses live on: the same grader as an autograder there (`autograder export`)."""
