"""The tools that grading is measured against, each given the same notebooks and the same checks."""

from benchmarks.peers.home_made import HomeMade
from benchmarks.peers.otter_run import OtterRun
from benchmarks.peers.stock_nbgrader import StockNbgrader

__all__ = ["HomeMade", "OtterRun", "StockNbgrader"]
