"""Geography over the registry: tiles, the map page, searches by area. Reads only."""
