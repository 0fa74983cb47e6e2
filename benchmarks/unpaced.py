"""`serve` without Telegram's limit on sending, to measure what the program itself can do:
`python -m benchmarks.unpaced`."""

import sys

from bot.channel import Pace
from bot.channels.telegram import TelegramChannel
from bot.entry import main

TelegramChannel.pace = Pace(per_second=10_000, chat_seconds=0.0001, burst=1_000)

if __name__ == "__main__":
    sys.exit(main(["serve"]))
