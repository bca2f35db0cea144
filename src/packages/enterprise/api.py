"""What the contexts above may use of enterprise."""
