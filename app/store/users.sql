-- users.sql: ClickHouse users that may do what the programs do, and nothing else
--
-- Run it once, and again after an upgrade (what is there stays), as a user with access management, and where it is
-- another with the database's name. It wants the SHA-256 of three passwords, and makes no user without them. The
-- passwords themselves would stand in the server's logs of queries:
--
--     sha256() { tr -d '\n' <"$1" | sha256sum | cut -c -64; }
--     (echo "SET param_web_sha256 = '$(sha256 FILE)', param_courier_sha256 = '…', param_admin_sha256 = '…';"
--      cat users.sql) | clickhouse-client
--
-- Then [clickhouse] user = slotguard_web, and its password is the credential clickhouse-password. The
-- courier and slotguardctl find theirs in folders of their own, with the files clickhouse-user
-- (slotguard_courier, slotguard_admin) and clickhouse-password. slotguard-operations(7) has it all, line
-- by line.
--
-- What a stolen password can still do, all of it from this machine only:
--
--   the workers'   read every brief, name and address; book, move and cancel any call, as any prospect; write a
--                  brief, or write over one, so that pages, mails and events have what the thief wrote. A row with
--                  a high version stays over all later ones, until an admin deletes it: the times and states
--                  of calls are the ledger's all the same, but `slotguardctl ledger rebuild` believes a row that is
--                  above the ledger; `slotguardctl check` names them. Close any time with rows of booked calls that the
--                  ledger does not know, as an import writes them; `check` names these, too. Use up, with
--                  briefs under another's address, what that address may ask for. Fill the tables row by row, as
--                  far as the quota goes; and keep the workers out, whose user it is, for as long as it uses up
--                  their quota or their queries at once. It cannot block, erase, restore or begin a ledger, give the operator's
--                  commands, stop pages, clicks or couriers with a row that they cannot read, or change or delete
--                  anything that stands: the server refuses that (the constraints of the migrations, which go by
--                  the names slotguard_web… and slotguard_courier…), and the programs go on beside such a row.
--   the courier's  read the same and the mails that are kept; write rows of bookings as above, hold a booking's mails
--                  by leases that it renews, and note mails, alerts and events as sent, or to be tried later, that
--                  were not, a thousand lines at a time, as far as the quota goes. It writes no command into the
--                  ledger, but where obey = yes: then it moves and cancels any call, as the calendar's owner.
--   the admin's    everything in this database, since it migrates. Keep it off the workers' machine where you
--                  can.

-- No query takes the server's memory, runs for ever, or floods it, whatever settings it comes with: CONST. The
-- programs stay far below.
CREATE SETTINGS PROFILE IF NOT EXISTS slotguard_limits SETTINGS max_execution_time = 600 CONST, max_memory_usage = 4000000000 CONST, max_concurrent_queries_for_user = 100 CONST;

-- The workers: nothing but SELECT and INSERT, so that whoever gets hold of one cannot rewrite the past.
CREATE ROLE IF NOT EXISTS slotguard_worker;
GRANT SELECT, INSERT ON argus.ledger TO slotguard_worker;
GRANT SELECT, INSERT ON argus.consulting_bookings TO slotguard_worker;
GRANT SELECT ON argus.blocked_addresses TO slotguard_worker;
-- Whether a mail arrived, which the booking's page says; not the mails themselves.
GRANT SELECT(booking_id, version, duty, state, at) ON argus.deliveries TO slotguard_worker;
GRANT SELECT ON argus.schema_migrations TO slotguard_worker;
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_worker;

-- The courier writes no commands. With obey = yes it needs
-- GRANT INSERT ON argus.ledger TO slotguard_sender
-- and a constraint of the migrations lets it write what the calendar's owner may do, and nothing else.
CREATE ROLE IF NOT EXISTS slotguard_sender;
GRANT SELECT ON argus.ledger TO slotguard_sender;
GRANT SELECT, INSERT ON argus.consulting_bookings TO slotguard_sender;
GRANT SELECT ON argus.blocked_addresses TO slotguard_sender;
GRANT SELECT, INSERT ON argus.deliveries TO slotguard_sender;
GRANT SELECT ON argus.schema_migrations TO slotguard_sender;
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_sender;

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
GRANT SELECT(database, name, total_rows, uuid) ON system.tables TO slotguard_migrate;

-- The users, one for each program. Workers on several machines may have one each, slotguard_web_2 and so on,
-- and then HOST IP '10.0.0.2' in place of HOST LOCAL, which is this machine alone.
CREATE USER IF NOT EXISTS slotguard_web IDENTIFIED WITH sha256_hash BY {web_sha256:String} HOST LOCAL DEFAULT ROLE slotguard_worker SETTINGS PROFILE slotguard_limits;
GRANT slotguard_worker TO slotguard_web;
CREATE USER IF NOT EXISTS slotguard_courier IDENTIFIED WITH sha256_hash BY {courier_sha256:String} HOST LOCAL DEFAULT ROLE slotguard_sender SETTINGS PROFILE slotguard_limits;
GRANT slotguard_sender TO slotguard_courier;
CREATE USER IF NOT EXISTS slotguard_admin IDENTIFIED WITH sha256_hash BY {admin_sha256:String} HOST LOCAL DEFAULT ROLE slotguard_operator, slotguard_migrate;
GRANT slotguard_operator, slotguard_migrate TO slotguard_admin;

-- Of each user by itself: a thousand queries a second, and a hundred megabytes written a minute.
CREATE QUOTA IF NOT EXISTS slotguard_limits KEYED BY user_name FOR INTERVAL 1 minute MAX queries = 60000, written_bytes = 100000000 TO slotguard_web, slotguard_courier;
