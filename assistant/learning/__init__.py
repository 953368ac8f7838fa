"""Attempts at quizzes: rules, and where they are kept."""
