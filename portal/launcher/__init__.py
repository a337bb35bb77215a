"""Starts and watches the processes of one portal: private database, broker, web, workers."""
