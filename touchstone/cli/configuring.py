"""Settings, as a command loads them."""

from typing import TYPE_CHECKING

from touchstone.cli.printing import give_up
from touchstone.service.errors import SettingsError

if TYPE_CHECKING:
    from touchstone.service.settings import Settings


def settings(**given: object) -> "Settings":
    """Load the settings; those given on the command line win.

    Ends the process where they cannot be used.
    """
    from touchstone.service.settings import Settings

    try:
        return Settings.load(**{name: value for name, value in given.items() if value is not None})
    except SettingsError as error:
        give_up(str(error))


def settings_with_journal(**given: object) -> "Settings":
    """Load the settings, and end the process where they name no journal that is there."""
    loaded = settings(**given)
    if not loaded.data.is_file():
        give_up(f"{loaded.data}: there is no journal here")
    return loaded
