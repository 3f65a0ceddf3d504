"""What a WSGI server loads: settings from the environment, then the application."""

from app.factory import create_app
from config import settings_of_this_process

application = create_app(settings_of_this_process())
