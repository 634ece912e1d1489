"""Learning platforms: what they call students, what comes from them, and what they take back."""
