"""Arithmetic and policy of supply."""
