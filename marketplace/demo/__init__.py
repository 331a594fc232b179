"""The demonstration city: data, and the story that plays it through the actions."""
