"""Endpoints of webhooks over HTTP, for the systems of the marketplace that hears by them.

What is sent, signed and tried again is the post office's (notifications/deliveries.py).
"""
