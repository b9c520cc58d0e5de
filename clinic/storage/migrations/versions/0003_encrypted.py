"""Personal data is encrypted, and found by keyed hashes instead of by its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

# What a row is found by is the application's to say; rows of before are indexed as new ones are.
from clinic.conversation_words import find_tokens
from clinic.lead_search import find_lead_tokens
from clinic.storage.columns import fold_text
from clinic.storage.encryption import keyring_of
from clinic.storage.keyring import Keyring

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENCRYPTED = {
    "conversations": (("id",), ("page",)),
    "messages": (("id",), ("text", "content", "understood")),
    "feedback": (("id",), ("reason",)),
    "leads": (("id",), ("name", "phone", "email", "preferred_time")),
    "lead_notes": (("id",), ("text",)),
    "note_drafts": (("staff_id", "lead_id"), ("text",)),
}
_CHUNK = 1000


def upgrade() -> None:
    """Encrypt what is stored. Needs the keys, and makes them when there are none yet."""
    keyring = keyring_of(op.get_bind().dialect)
    keyring.create()
    _change_columns(sa.JSON(), sa.Text())
    _create_word_tables(keyring)
    with op.batch_alter_table("leads") as leads:
        leads.drop_index(op.f("ix_leads_phone"))
        leads.drop_index(op.f("ix_leads_email"))
        leads.drop_column("search_text")
    for column in ("phone", "email"):  # nothing is nothing: an encrypted empty text could not be told apart
        op.execute(f"UPDATE leads SET {column} = NULL WHERE {column} = '' AND anonymised_at IS NULL")
    _rewrite(keyring.encrypt)
    op.create_table(
        "key_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_check")),
    )
    check = sa.table("key_check", sa.column("id"), sa.column("word"))
    op.execute(check.insert().values(id=1, word=keyring.encrypt("readable", "key_check.word")))


def downgrade() -> None:
    """Store everything readable again; words of conversations are found again when they are said again."""
    keyring = keyring_of(op.get_bind().dialect)
    _rewrite(keyring.decrypt)
    op.drop_table("key_check")
    op.drop_table("lead_words")
    op.drop_table("conversation_words")
    op.create_table(
        "conversation_words",
        sa.Column("word", sa.Text(), nullable=False),
        _pointer("conversation_words", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("word", "conversation_id", name=op.f("pk_conversation_words")),
    )
    op.create_index(
        op.f("ix_conversation_words_conversation_id"), "conversation_words", ["conversation_id"]
    )
    _change_columns(sa.Text(), sa.JSON())
    with op.batch_alter_table("leads") as leads:
        leads.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("leads") as leads:
        leads.alter_column("search_text", server_default=None, existing_type=sa.Text(), existing_nullable=False)
        leads.create_index(op.f("ix_leads_phone"), ["phone"])
        leads.create_index(op.f("ix_leads_email"), ["email"])
    for row in _walk("leads", ("id",), ("name", "phone", "email", "reference")):
        text = " ".join(row[name] or "" for name in ("name", "phone", "email", "reference"))
        leads_table = sa.table("leads", sa.column("id"), sa.column("search_text"))
        op.execute(
            leads_table.update().where(leads_table.c.id == row["id"]).values(search_text=fold_text(text))
        )


def _change_columns(old: sa.types.TypeEngine[Any], new: sa.types.TypeEngine[Any]) -> None:
    target = "text" if isinstance(new, sa.Text) else "json"
    with op.batch_alter_table("messages") as messages:
        for name, empty in (("content", False), ("understood", True)):
            messages.alter_column(
                name,
                existing_type=old,
                type_=new,
                existing_nullable=empty,
                postgresql_using=f"{name}::{target}",
            )


def _create_word_tables(keyring: Keyring) -> None:
    op.drop_table("conversation_words")
    for table, pointer, target in (
        ("conversation_words", "conversation_id", "conversations"),
        ("lead_words", "lead_id", "leads"),
    ):
        op.create_table(
            table,
            sa.Column("token", sa.BigInteger(), nullable=False),
            _pointer(table, pointer, target),
            sa.PrimaryKeyConstraint("token", pointer, name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
        op.create_index(op.f(f"ix_{table}_{pointer}"), table, [pointer])
    said: dict[str, set[str]] = {}
    for row in _walk("messages", ("id",), ("conversation_id", "author", "text")):
        if row["author"] == "visitor":
            said.setdefault(row["conversation_id"], set()).update(find_tokens(row["text"]))
    _insert_tokens(keyring, "conversations", sa.table("conversation_words", *_columns("conversation_id")), said)
    leads = {
        row["id"]: find_lead_tokens(row["name"], row["phone"], row["email"])
        for row in _walk("leads", ("id",), ("name", "phone", "email", "anonymised_at"))
        if row["anonymised_at"] is None
    }
    _insert_tokens(keyring, "leads", sa.table("lead_words", *_columns("lead_id")), leads)


def _columns(pointer: str) -> tuple[sa.ColumnClause[Any], ...]:
    return sa.column("token", sa.BigInteger()), sa.column(pointer, sa.Text())


def _insert_tokens(keyring: Keyring, kind: str, table: sa.TableClause, found: dict[str, set[str]]) -> None:
    pointer = list(table.c)[1].name
    for identifier, tokens in found.items():
        hashes = {keyring.hash_token(kind, token) for token in tokens}
        if hashes:
            op.get_bind().execute(
                table.insert(), [{"token": token, pointer: identifier} for token in sorted(hashes)]
            )


def _rewrite(change: Callable[[str, str], str]) -> None:
    for name, (key, columns) in ENCRYPTED.items():
        table = sa.table(name, *(sa.column(column, sa.Text()) for column in (*key, *columns)))
        update = (
            table.update()
            .where(*(table.c[column] == sa.bindparam(f"key_{column}") for column in key))
            .values({column: sa.bindparam(f"new_{column}") for column in columns})
        )
        rows = []
        for row in _walk(name, key, columns):
            changed = {
                f"new_{column}": None if row[column] is None else change(row[column], f"{name}.{column}")
                for column in columns
            }
            rows.append(changed | {f"key_{column}": row[column] for column in key})
        for start in range(0, len(rows), _CHUNK):
            op.get_bind().execute(update, rows[start : start + _CHUNK])


def _walk(name: str, key: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Give the rows of a table as stored, in the order of the key, some at a time."""
    table = sa.table(name, *(sa.column(column, sa.Text()) for column in {*key, *columns}))
    place = sa.tuple_(*(table.c[column] for column in key))
    page = sa.select(table).order_by(*(table.c[column] for column in key)).limit(_CHUNK)
    last = None
    while True:
        query = page if last is None else page.where(place > last)
        rows = op.get_bind().execute(query).mappings().all()
        if not rows:
            return
        yield from (dict(row) for row in rows)
        last = tuple(rows[-1][column] for column in key)


def _pointer(table: str, column: str, target: str) -> sa.Column[str]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")
    return sa.Column(column, sa.Text(), key, nullable=False)
