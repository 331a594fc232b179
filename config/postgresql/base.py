"""A kept connection is asked by its socket, not by a query before every request."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL; an idle connection on which nothing arrived is alive."""

    def is_usable(self) -> bool:
        """Tell whether the server is still there.

        A server that ends a connection, or is killed, makes its socket readable; only then, and
        after an error, the server itself is asked.
        """
        if self.connection is None or self.connection.closed or self.errors_occurred:
            return super().is_usable()
        idle = select.poll()
        idle.register(self.connection.fileno(), select.POLLIN)
        return not idle.poll(0) or super().is_usable()
