-- Two databases, two accounts: the record for desks and action servers, the trackers for the bots alone.
-- psql -v ON_ERROR_STOP=1 -v record_password=... -v tracker_password=... -f setup.sql postgres
\set ON_ERROR_STOP on
CREATE ROLE amends LOGIN PASSWORD :'record_password';
CREATE ROLE amends_bot LOGIN PASSWORD :'tracker_password';
CREATE DATABASE amends OWNER amends ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE amends_tracker OWNER amends_bot ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE amends FROM PUBLIC;
REVOKE ALL ON DATABASE amends_tracker FROM PUBLIC;
