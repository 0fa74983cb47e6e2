"""The program as a service: through a chat platform, the queue, and out again."""
