"""Template tags of supply."""
