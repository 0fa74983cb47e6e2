"""RepMate: a chat assistant for pharmaceutical sales teams."""
