"""Training loops written by hand, one in each framework; `benchmarks.loops` takes its backend's."""
