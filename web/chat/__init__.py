"""The chat gateway: sessions, messages, feedback, and the way to the engine and back."""
