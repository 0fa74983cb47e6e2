"""`serve` without the platforms' limits on sending, to measure what the program itself can do:
`python -m benchmarks.unpaced`."""

import sys

from bot.channel import Pace
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.wecom.channel import WeComChannel
from bot.entry import main

UNPACED = Pace(per_second=10_000, chat_seconds=0.0001, burst=1_000)
TelegramChannel.pace = WeComChannel.pace = UNPACED

if __name__ == "__main__":
    sys.exit(main(["serve"]))
