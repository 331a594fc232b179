"""Settings: base (production, from the environment), dev and test."""
