-- users.sql: ClickHouse users that may do what the programs do, and nothing else
--
-- Run it once, as a user with access management, and where it is another with the database's name. It
-- wants two passwords, and makes no user without them:
--
--     (echo "SET param_password = '…', param_admin_password = '…';"; cat users.sql) | clickhouse-client
--
-- Then [clickhouse] user = slotguard, and its password is the credential clickhouse-password. What
-- needs more, slotguardctl, finds it in a second folder of credentials, with the files clickhouse-user
-- (slotguard_admin) and clickhouse-password. slotguard-operations(7) has it all, line by line.

-- The workers: nothing but SELECT and INSERT, so that whoever gets hold of one cannot rewrite the past.
CREATE ROLE IF NOT EXISTS slotguard_worker;
GRANT SELECT, INSERT ON argus.ledger TO slotguard_worker;
GRANT SELECT, INSERT ON argus.consulting_bookings TO slotguard_worker;
GRANT SELECT ON argus.blocked_addresses TO slotguard_worker;
GRANT SELECT ON argus.schema_migrations TO slotguard_worker;
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_worker;

-- The courier writes no commands.
CREATE ROLE IF NOT EXISTS slotguard_courier;
GRANT SELECT ON argus.ledger TO slotguard_courier;
GRANT SELECT, INSERT ON argus.consulting_bookings TO slotguard_courier;
GRANT SELECT, INSERT ON argus.deliveries TO slotguard_courier;
GRANT SELECT ON argus.schema_migrations TO slotguard_courier;
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_courier;

-- slotguardctl list, show, cancel, move, block, unblock, stats, export; and erase, which takes rows away,
-- but none of the ledger's.
CREATE ROLE IF NOT EXISTS slotguard_operator;
GRANT SELECT, INSERT ON argus.ledger TO slotguard_operator;
GRANT SELECT, INSERT, ALTER DELETE ON argus.consulting_bookings TO slotguard_operator;
GRANT SELECT, INSERT, ALTER DELETE ON argus.deliveries TO slotguard_operator;
GRANT SELECT, INSERT ON argus.blocked_addresses TO slotguard_operator;
GRANT SELECT ON argus.schema_migrations TO slotguard_operator;
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_operator;

-- slotguardctl migrate, ledger rebuild, check.
CREATE ROLE IF NOT EXISTS slotguard_migrate;
GRANT CREATE DATABASE, CREATE TABLE, DROP TABLE, ALTER TABLE, SELECT, INSERT ON argus.* TO slotguard_migrate;
GRANT TABLE ENGINE ON MergeTree TO slotguard_migrate;
GRANT TABLE ENGINE ON ReplacingMergeTree TO slotguard_migrate;
GRANT SELECT(database, name, uuid) ON system.tables TO slotguard_migrate;

-- The two users that one machine needs. Several workers' machines may have one each.
CREATE USER IF NOT EXISTS slotguard IDENTIFIED BY {password:String} DEFAULT ROLE slotguard_worker, slotguard_courier;
GRANT slotguard_worker, slotguard_courier TO slotguard;
CREATE USER IF NOT EXISTS slotguard_admin IDENTIFIED BY {admin_password:String} DEFAULT ROLE slotguard_operator, slotguard_migrate;
GRANT slotguard_operator, slotguard_migrate TO slotguard_admin;
