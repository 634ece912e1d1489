"""What runs beside a student's code, inside of the sandbox."""
