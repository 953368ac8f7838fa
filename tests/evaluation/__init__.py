"""Tests of the measuring of answers."""
