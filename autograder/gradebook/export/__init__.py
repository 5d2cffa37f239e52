"""Holds the exporters, for `nbgrader export --exporter=autograder.gradebook.export.CanvasExporter`."""

from autograder.gradebook.export.exporters import CanvasExporter, CourseExporter, LongExporter, MoodleExporter

__all__ = ["CanvasExporter", "CourseExporter", "LongExporter", "MoodleExporter"]
