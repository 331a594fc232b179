"""Pages of supply; one module per noun."""
