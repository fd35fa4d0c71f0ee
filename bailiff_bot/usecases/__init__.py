"""What Bailiff does: it takes snapshots, reports, and sends digests."""
