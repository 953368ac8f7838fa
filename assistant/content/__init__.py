"""From the corpus folder to one checked, frozen library."""
