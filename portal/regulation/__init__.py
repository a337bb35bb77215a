"""The law as data: profiles, the engine that reads them, and the pages that explain them."""
