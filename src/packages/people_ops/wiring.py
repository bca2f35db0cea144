"""Puts the context together."""
