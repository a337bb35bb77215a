"""Pure rules: the order of the ladder, what a fine may amount to, how a sample is drawn, what raises a risk."""
