"""Adapters to the network: each takes an Endpoint and gives back typed reasons, never text.

Devices are hostile until shown otherwise. Nothing a device says is repeated to a user: an answer
becomes a member of `Reason`, a number or a digest, else probing would be a port scanner for hire.
"""
