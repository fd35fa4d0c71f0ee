"""The handlers of commands, button clicks and the Home tab."""
