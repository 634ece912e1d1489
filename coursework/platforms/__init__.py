"""Learning platforms: whom they call what, what comes from them, and what they take back."""
