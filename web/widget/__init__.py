"""The visitor's chat widget: the browser files and the routes that serve them."""
