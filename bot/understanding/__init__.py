"""From dictation to SFA note: propose, ground, screen."""
