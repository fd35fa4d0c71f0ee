"""Never twice, never lost: how a delivery goes from planned to settled. It knows neither Slack nor the database."""
