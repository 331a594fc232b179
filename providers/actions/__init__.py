"""What may be done with supply; one module per noun."""
