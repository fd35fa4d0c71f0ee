"""Who an identifier is: Askbob, or a CSV file, behind one small interface."""
