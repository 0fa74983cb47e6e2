"""Our products and the brands they compete with."""

from sqlmodel import Field, SQLModel

from storage.columns import json_list


class Product(SQLModel, table=True):
    """One of our products, with its approved indication."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=100)
    aliases: list[str] = json_list()
    indication: str = Field(default="", max_length=500)
    competitors: list[str] = json_list()
