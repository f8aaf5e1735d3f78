"""The staff console: a server-rendered Sanic application, in French, that works without JavaScript."""
