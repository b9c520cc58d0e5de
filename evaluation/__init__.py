"""How well the assistant understands: scores on questions it was not trained on."""
