"""What the portal can find out of a system before anybody travels to accept it."""
