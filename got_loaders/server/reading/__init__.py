"""What all endpoints for documents share: which document is meant, how it is read, and by whom."""
