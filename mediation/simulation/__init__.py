"""People who act by script: the demo, and the replay of real orders. Through the writer only."""
