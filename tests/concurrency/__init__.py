"""Races on real connections."""
