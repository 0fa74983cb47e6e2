"""From the settings to a client: live, recording or replaying."""

from contextlib import nullcontext

from bot.config import Settings
from bot.llm.calls import OnUse
from bot.llm.client import ModelClient, Waiting
from bot.llm.exchange import Exchange, open_exchange
from bot.llm.tape import recording, replaying


def open_client(
    settings: Settings, on_use: OnUse, *, waiting: Waiting = nullcontext
) -> ModelClient | None:
    """The configured model, or None when there is none. Nothing is sent yet."""
    if settings.llm_model is None:
        return None
    fallback = settings.llm_fallback_model
    return ModelClient(
        _exchange(settings),
        (settings.llm_model, fallback) if fallback else (settings.llm_model,),
        seconds=settings.llm_timeout_seconds,
        wanted=settings.llm_format,
        extra=settings.llm_extra,
        on_use=on_use,
        waiting=waiting,
    )


def _exchange(settings: Settings) -> Exchange:
    if settings.model_replay is not None:
        return replaying(settings.model_replay)
    key = settings.llm_api_key
    live = open_exchange(settings.llm_base_url or "", key.get_secret_value() if key else None)
    return recording(live, settings.model_record) if settings.model_record else live
