"""Answers, pathways and courses about domestic homicide reviews, drawn from a corpus of documents."""
