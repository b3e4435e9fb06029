"""The built demo as readers meet it, in Chromium."""
