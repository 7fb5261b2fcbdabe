"""Pages of labs: a trainee's lab, and an instructor's list of servers."""

from flask import Blueprint

bp = Blueprint("labs", __name__)
