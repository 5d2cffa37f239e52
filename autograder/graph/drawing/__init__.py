"""A graph as a picture: layout, scene, style, and the SVG made of them."""
