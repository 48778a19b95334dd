-- What the server itself refuses, whoever has a password. Two rows of one INSERT would share a number and so stop
-- the ledger; so would a row that no program can read. The user of users.sql that the workers have writes prospects'
-- commands and nothing else.
ALTER TABLE ledger
    ADD CONSTRAINT IF NOT EXISTS one_row CHECK rowNumberInBlock() = 0,
    ADD CONSTRAINT IF NOT EXISTS readable CHECK length(host) < 64 AND length(tags) < 100 AND length(meeting) < 24
        AND match(caps, '^([1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}(,[1-9][0-9]{0,9}:[a-z0-9_-]{0,23}:[0-9]{1,10}:[0-9]{1,10}){0,5})?$')
        AND match(tags, '^([a-z0-9_-]{1,23}(,[a-z0-9_-]{1,23}){0,3})?$') AND match(meeting, '^[a-z0-9_-]*$'),
    ADD CONSTRAINT IF NOT EXISTS prospects_commands CHECK (kind IN ('book', 'cancel') AND actor = 'prospect')
        OR NOT startsWith(currentUser(), 'slotguard_web');

-- A version is a number of the ledger, and no ledger ever has more entries than seconds since 1970. So a row of an
-- absurd version, after which no rebuild could count on, is refused.
ALTER TABLE consulting_bookings
    ADD CONSTRAINT IF NOT EXISTS sane_version CHECK version <= toUnixTimestamp(now());
