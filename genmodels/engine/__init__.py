"""The jobs of one server and the workers that do them; the scheduler imports this folder too, so nothing is loaded here."""
