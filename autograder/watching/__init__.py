"""Watches a learner's notebook, and grades it again whenever it is saved."""

from autograder.watching.terminal import Ended
from autograder.watching.watching import WatchError, watch_in_terminal, watch_plainly

__all__ = ["Ended", "WatchError", "watch_in_terminal", "watch_plainly"]
