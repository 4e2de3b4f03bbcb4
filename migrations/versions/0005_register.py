"""The register: what incidents are found by"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    on_postgresql = connection.dialect.name == "postgresql"
    number = sa.BigInteger() if on_postgresql else sa.Integer()
    marks = postgresql.ARRAY(sa.BigInteger()) if on_postgresql else sa.Text()
    terms = postgresql.TSVECTOR() if on_postgresql else sa.Text()
    op.create_table('register_place',
    sa.Column('place', number, autoincrement=False, nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('marks', marks, nullable=False),
    sa.Column('open_level', sa.Integer(), nullable=True),
    sa.Column('due_at', sa.String(length=32), nullable=True),
    sa.Column('through', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('place'),
    sa.UniqueConstraint('incident_id')
    )
    op.create_index('register_open', 'register_place', ['open_level', 'due_at'], unique=False)
    op.create_table('register_text',
    sa.Column('place', number, autoincrement=False, nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('marks', marks, nullable=False),
    sa.Column('terms', terms, nullable=True),
    sa.PrimaryKeyConstraint('place')
    )
    op.create_table('register_tag',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('value', sa.String(length=120), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('kind', 'value', 'incident_id'),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_register_tag_incident_id'), 'register_tag', ['incident_id'], unique=False)
    op.create_table('register_running',
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('due_at', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('incident_id', 'kind', 'code')
    )
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('owner_id', 'name')
    )
    op.add_column('incident', sa.Column('drill', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index('incident_by_lead', 'incident', ['lead_id'], unique=False)
    for statement in _POSTGRESQL if on_postgresql else _SQLITE:
        connection.exec_driver_sql(statement)


# FTS5 keeps no text of its own; the triggers tell it what changes in register_text.
_SQLITE = (
    """CREATE VIRTUAL TABLE register_index USING fts5(words, about, marks, content='register_text',
       content_rowid='place', tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER register_text_new AFTER INSERT ON register_text BEGIN
       INSERT INTO register_index(rowid, words, about, marks) VALUES (NEW.place, NEW.words, NEW.about, NEW.marks);
       END""",
    """CREATE TRIGGER register_text_gone AFTER DELETE ON register_text BEGIN
       INSERT INTO register_index(register_index, rowid, words, about, marks)
       VALUES ('delete', OLD.place, OLD.words, OLD.about, OLD.marks);
       END""",
    """CREATE TRIGGER register_text_changed AFTER UPDATE ON register_text BEGIN
       INSERT INTO register_index(register_index, rowid, words, about, marks)
       VALUES ('delete', OLD.place, OLD.words, OLD.about, OLD.marks);
       INSERT INTO register_index(rowid, words, about, marks) VALUES (NEW.place, NEW.words, NEW.about, NEW.marks);
       END""",
)

# As FTS5 does: words by their stem, and none left out. "no" and "not" matter in what people wrote.
_POSTGRESQL = (
    "CREATE TEXT SEARCH DICTIONARY amends_stem (TEMPLATE = snowball, Language = english)",
    "CREATE TEXT SEARCH CONFIGURATION amends (COPY = english)",
    """ALTER TEXT SEARCH CONFIGURATION amends ALTER MAPPING FOR asciiword, word, hword, asciihword, hword_part,
       hword_asciipart WITH amends_stem""",
    "CREATE INDEX register_place_marks ON register_place USING gin (marks) WITH (fastupdate = off)",
    "CREATE INDEX register_text_terms ON register_text USING gin (marks, terms) WITH (fastupdate = off)",
)
