"""The figures of the process: each defined once, read by the desk, the API and as CSV."""
