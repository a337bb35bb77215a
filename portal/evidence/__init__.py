"""Footage requests: asked, approved, executed under two keys, handed over and booked in the call register."""
