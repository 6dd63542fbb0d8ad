"""Complaints about a party: a writer of their own, which touches no case (see `writer`)."""
