"""`python -m livingcircle` is the command `living-circle`."""

from livingcircle.cli import main

main()
