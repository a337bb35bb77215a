"""Readers over the whole portal: the audit log and its verification. They change nothing but the record of reading."""
