"""Taking in documents."""
