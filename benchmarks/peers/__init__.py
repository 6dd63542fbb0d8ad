"""Programs of others that the benchmark compares ours with: schedulers, and a help desk."""
