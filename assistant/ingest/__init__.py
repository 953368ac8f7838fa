"""Taking in other people's documents: fetched with care, read in a cage, cut into passages, and never published by itself."""
