"""The frame around the product: settings, addresses, workers, logs. Nothing else imports it."""
