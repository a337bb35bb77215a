"""The demonstration city: deterministic from a seed, at any size, and simulated devices for it to probe.

Every person, telephone number, unit and case here is invented.
"""
