"""Writing connection orders."""
