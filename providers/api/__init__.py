"""The API of supply; one module per noun."""
