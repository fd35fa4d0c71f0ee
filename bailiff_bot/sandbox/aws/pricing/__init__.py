"""The Price List Query API of the sandbox: recorded products, and more that are made in their form."""
