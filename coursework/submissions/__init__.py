"""From any submitted file to a notebook in the form of its lesson."""
