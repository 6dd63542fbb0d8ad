"""A whole case as one ZIP: what somebody may see of it, the files, and the hash of each."""
