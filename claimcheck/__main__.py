"""Run the command line as ``python -m claimcheck``."""

from claimcheck.cli import app

if __name__ == "__main__":
    app(prog_name="claimcheck")
