"""POST /sandbox/{name}: the control endpoint, for the driver and the page."""
