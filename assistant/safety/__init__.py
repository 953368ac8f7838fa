"""What a message may need before it is answered: help, privacy, and the right place to go."""
