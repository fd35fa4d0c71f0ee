"""What Bailiff does: it takes snapshots, reports, and sends digests. What talks to the outside comes in as an argument."""
