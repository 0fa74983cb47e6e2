"""One file per capability; `bot.app` collects what they declare."""
