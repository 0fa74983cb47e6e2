"""One folder per chat platform, and the terminal."""
