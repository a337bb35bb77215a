"""Reading: measures; orders to correct with refusal and fine; draws; plans; bars to commendation."""
