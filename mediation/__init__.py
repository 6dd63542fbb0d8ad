"""The process: moves cases, wakes clocks, carries out effects, runs the mediators' desk."""
