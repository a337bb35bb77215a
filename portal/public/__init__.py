"""What anyone may see without signing in: published results, and whether a receipt is genuine."""
