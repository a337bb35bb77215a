"""Writing: the ladder, orders to correct with refusal and fine, draws, plans of supervision."""
