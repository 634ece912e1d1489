"""What is said of a wrong answer beside its points: the hint of a known mistake, or a diagnosis."""
