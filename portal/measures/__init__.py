"""What follows a finding: letters, interviews, circulars, orders to correct, proposals of fines, the commendation bar."""
