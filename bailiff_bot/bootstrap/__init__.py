"""The composition root. Its builders make every object and do nothing else: they open, call and start nothing.

`services` builds what needs no Slack, `slack` what needs it, and `bot` the process. Their arguments are what tests
replace: the clock and the timing.
"""
