"""The jobs of one server and its workers; the scheduler imports this package too, so nothing is loaded here."""
