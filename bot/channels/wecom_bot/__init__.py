"""WeCom's AI bot (智能机器人), by its long connection."""
