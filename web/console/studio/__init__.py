"""The content studio: where the content team works on what the assistant knows."""
