"""Exporters for `nbgrader export --exporter=autograder.gradebook.export.CanvasExporter` and the like."""

from autograder.gradebook.export.exporters import CanvasExporter, CourseExporter, LongExporter, MoodleExporter

__all__ = ["CanvasExporter", "CourseExporter", "LongExporter", "MoodleExporter"]
