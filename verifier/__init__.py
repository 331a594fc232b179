"""The stand-alone verifier of sealed books; nothing of the product is imported here."""
