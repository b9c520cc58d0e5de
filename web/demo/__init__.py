"""A page in the style of a clinic's website that shows the widget where visitors will meet it."""
