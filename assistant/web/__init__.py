"""Pages, forms and languages."""
