"""The content studio: topics, what was not answered, publishing."""
