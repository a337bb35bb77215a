"""The audit log: staged in the business transaction, sealed in order, provable from outside the database."""
