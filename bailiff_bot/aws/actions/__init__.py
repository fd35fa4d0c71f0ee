"""Changes single instances, each call in a session that allows this one call alone. `AwsActions` is the entry."""
