"""How long the AI bot waits for what; tests wait less."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds.

    Of the connection: between pings, for an answer, and the pauses before it is made again, which
    double; `shut` are those when another program has the bot or the secret is wrong. One that
    lasted `settled` begins anew with the shortest pause.

    Of messages: between two frames of one bubble, between two looks for bubbles that must be
    closed, the shortest pause of a closed inbox, and what is left to messages when receiving ends.
    """

    ping: float = 30.0
    answer: float = 10.0
    shortest_pause: float = 1.0
    longest_pause: float = 30.0
    shortest_shut: float = 60.0
    longest_shut: float = 900.0
    settled: float = 60.0
    frame_gap: float = 1.0
    look: float = 5.0
    inbox_pause: float = 1.0
    ending: float = 3.0


TIMES = Times()
