"""Looking after a garden: what stands where in its files, what is wrong with it, and how it is mended."""
