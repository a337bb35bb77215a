"""What is due, what is overdue, the numbers that matter, and search across everything. Reads only."""
