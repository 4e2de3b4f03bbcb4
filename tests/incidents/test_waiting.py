"""What waits is found without reading what was handled long ago."""

from datetime import UTC, datetime

from sqlalchemy import text

from amends.incidents import deliveries

MANY = 4000
WHEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_messages_that_wait_are_found_by_an_index_of_their_own(database):
    how = {"conversation_id": "web:ada", "person": ("web:ada", "Ada"), "source": "web", "at": WHEN}
    deliveries.receive(database, "first", text="Help", **how)
    on_postgresql = database.engine.dialect.name == "postgresql"
    numbers = "generate_series(1, :many) AS n" if on_postgresql else "n"
    counting = (
        "" if on_postgresql else "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :many) "
    )
    copy = "conversation_id, participant_id, source, text, received_at"
    with database.begin() as session:
        session.execute(
            text(
                f"INSERT INTO delivery (key, {copy}, replies, handled_at) {counting}"
                f"SELECT 'k' || n, {copy}, '[]', received_at FROM delivery, {numbers} WHERE key = 'first'"
            ),
            {"many": MANY},
        )
        session.execute(text("ANALYZE delivery"))
    explain = "EXPLAIN " if on_postgresql else "EXPLAIN QUERY PLAN "
    with database.read() as session:
        plan = session.execute(text(f"{explain}SELECT * FROM delivery WHERE handled_at IS NULL ORDER BY id")).all()
    assert "delivery_waiting" in str(plan)
    assert [each.key for each in deliveries.waiting(database)] == ["first"]
