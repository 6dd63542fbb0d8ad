"""How fast *seller silent → escalated* is, and what that is compared with: `make bench`."""
