"""Pages of orders and of what comes before them."""
