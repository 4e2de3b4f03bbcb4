-- Two databases, two accounts: the record for desks and action servers, the trackers for the bots alone.
-- psql -v ON_ERROR_STOP=1 -v record_password=... -v tracker_password=... -f setup.sql postgres
\set ON_ERROR_STOP on
CREATE ROLE amends LOGIN PASSWORD :'record_password';
CREATE ROLE amends_bot LOGIN PASSWORD :'tracker_password';
CREATE DATABASE amends OWNER amends ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE amends_tracker OWNER amends_bot ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE amends FROM PUBLIC;
REVOKE ALL ON DATABASE amends_tracker FROM PUBLIC;
-- Two bots that start at one instant on an empty database would both make the table, and one would fail.
\connect amends_tracker
SET ROLE amends_bot;
CREATE TABLE events (
    id SERIAL PRIMARY KEY,
    sender_id VARCHAR(255) NOT NULL,
    type_name VARCHAR(255) NOT NULL,
    timestamp DOUBLE PRECISION,
    intent_name VARCHAR(255),
    action_name VARCHAR(255),
    data TEXT
);
CREATE INDEX ix_events_sender_id ON events (sender_id);
