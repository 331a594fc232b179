"""Pages of usage, bills, funds and periods."""
