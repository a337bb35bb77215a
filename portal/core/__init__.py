"""The ground: knows no feature, no HTTP and no queue."""
