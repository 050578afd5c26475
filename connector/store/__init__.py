"""What Leadheat remembers between passes, in SQLite (a file of its own, the default) or PostgreSQL."""

from connector.store.runs import book_text, remember_book
from connector.store.sql import SqlStore, open_store, reopen_store

__all__ = ["SqlStore", "book_text", "open_store", "remember_book", "reopen_store"]
