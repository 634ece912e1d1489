"""What runs beside a student's code, inside the sandbox."""
