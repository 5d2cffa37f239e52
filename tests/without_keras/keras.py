"""What `make test-fast` finds in this library's place, so that no fast test waits for it."""

raise ImportError(
    "`make test-fast` imports neither Keras nor TensorFlow: mark the test as slow, or name its file under "
    "KERAS in tests/conftest.py."
)
