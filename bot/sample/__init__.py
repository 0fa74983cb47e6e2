"""An invented territory with a quarter of visits, so that every first answer is interesting."""
