"""API of usage, bills, funds and periods."""
