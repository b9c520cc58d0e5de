"""The clinic's rules in plain Python: leads, conversations, contact details, staff, storage."""
