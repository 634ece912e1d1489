"""One notebook, from the submitted file to the verdicts that are written into it."""
