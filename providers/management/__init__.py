"""Commands of supply."""
