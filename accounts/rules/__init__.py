"""Policy and arithmetic of people and organizations: pure Python, no framework."""
