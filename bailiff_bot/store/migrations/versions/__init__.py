"""The migrations, in order. They import nothing of Bailiff, because its code changes and a migration must not."""
