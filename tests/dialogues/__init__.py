"""The product's manual as conversations; each .txt file is played by tests/test_dialogues.py."""
