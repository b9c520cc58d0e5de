"""What can be wrong with the storage."""

from __future__ import annotations


class StorageUnavailable(Exception):
    """The database did not do what was asked, and nothing of it was stored. Says nothing about any person."""


class StorageNotDurable(Exception):
    """The database is set up so that a commit could be lost in a power cut."""


class KeysLost(StorageUnavailable):
    """The keys that the stored data was encrypted with are not there, or are not the right ones."""
