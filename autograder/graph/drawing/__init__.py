"""Draws a graph as a picture: scene, layout, style, and the SVG made from them."""
