"""Pure rules: the dictionary on a day, a list as it was understood, who must do what by when."""
