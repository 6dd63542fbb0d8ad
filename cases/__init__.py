"""The record: what a case is, what may happen to it, how it looks from outside."""
