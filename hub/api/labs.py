"""The API of labs, as notebooks use it."""

from flask_openapi import APIBlueprint

api = APIBlueprint("labs_api", __name__, url_prefix="/api/v1")
