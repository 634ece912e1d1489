"""What is said about a wrong answer besides its points: a known mistake's hint, or a diagnosis."""
