"""Units, sites, systems, cameras and filings."""
