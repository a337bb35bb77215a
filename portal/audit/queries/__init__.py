"""Reading the log: the tree, the places outside, the reader's lists, verification."""
