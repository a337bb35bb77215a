"""Reading: measures; orders to correct with refusal and fine."""
