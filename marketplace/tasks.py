"""Table of contents of the wings' background work, for Celery's discovery."""

from marketplace.board import tasks as board
from marketplace.clearing import tasks as clearing
from marketplace.experience import tasks as experience
from marketplace.orders import tasks as orders
from marketplace.trials import tasks as trials

__all__ = ["board", "clearing", "experience", "orders", "trials"]
