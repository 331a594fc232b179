"""Pages of people, organizations, members and keys."""
