"""The clinic's rules in plain Python: leads, conversations, contact details, consent, staff, settings, storage."""
