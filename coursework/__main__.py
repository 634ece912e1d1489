"""`python -m coursework` is the command `coursework`."""

from coursework.cli import main

if __name__ == "__main__":
    main()
