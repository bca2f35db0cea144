"""What the contexts above may use of people_ops."""
