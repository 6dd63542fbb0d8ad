"""What our people do beside the cases: the log of their deeds, and blind second reviews."""
