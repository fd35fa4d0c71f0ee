"""The domain: frozen values and pure functions, standard library only. The current time is always an argument."""
