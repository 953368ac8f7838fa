"""Values and rules of guidance, answers and learning: no files, no clock, no web."""
