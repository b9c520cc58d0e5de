"""What Rasa may call: thin adapters between a conversation and the clinic's rules in `clinic/`."""
