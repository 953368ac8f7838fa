"""Measuring how well the site finds and answers."""
