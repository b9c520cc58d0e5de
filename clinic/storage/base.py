"""The root of all tables: names of constraints, and which Python type is kept in which column."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

from clinic.storage.columns import CleanText, UtcDateTime


class Base(DeclarativeBase):
    """The root of all tables; constraints get the same name on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: CleanText,
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
    }
