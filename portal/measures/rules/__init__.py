"""Pure rules: the order of the ladder, what a fine may amount to."""
