"""The directory of people, behind one interface: Askbob or a CSV file."""
