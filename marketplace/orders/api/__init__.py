"""API of orders and quotes."""
