"""How it starts: environments, model, processes. Called by the Makefile."""
