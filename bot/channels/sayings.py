"""What every platform says by itself in the same words."""

INBOX_CLOSED = "收到了。系统暂时存不进去，您说的话已经留着，恢复后会按顺序处理，不用重发。"
"""To somebody whose words are safe, but not in the database yet."""
