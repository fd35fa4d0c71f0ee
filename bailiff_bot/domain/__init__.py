"""What Bailiff knows and decides: pure values and pure functions, standard library only, and `now` is an argument."""
