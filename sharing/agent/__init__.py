"""What a vendor runs on site: fetches what was assigned, checks it, runs it, reports back.

Knows neither database nor hub, and needs only the base dependencies of the distribution.
"""
