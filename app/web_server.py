"""`python -m app.web_server`: the web server alone, as a service manager runs it; workers are other units."""

import os
import sys

from app.serving import web_command
from config import SettingsError, settings_of_this_process


def main() -> None:
    """Become the web server; ends with code 2 when the settings cannot be used."""
    try:
        command = web_command(settings_of_this_process())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    os.execvp(command[0], command)  # noqa: S606  # our own command line; a shell would only stand in between


if __name__ == "__main__":
    main()
