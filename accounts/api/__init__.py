"""API of people, organizations, members and keys."""
