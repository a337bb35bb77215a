"""Simulated cameras and recorders that speak real RTSP and ONVIF on loopback addresses.

The demonstration city is probed through the same doors as a real one, and every way a device on
the network may hurt a prober is a behaviour here, so that the tests meet it over real sockets.
`plan` says which device behaves how, `fleet` runs them, `control` changes one while it runs.
"""
