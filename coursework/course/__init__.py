"""A course as data: its lessons, their order, and what authors state about them."""
