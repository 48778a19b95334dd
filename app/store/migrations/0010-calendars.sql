-- What was known of each calendar when a command was written, where they have names: "work:fresh,home:unchecked".
-- Nothing is judged by it. An entry from before has none.
ALTER TABLE ledger
    ADD COLUMN IF NOT EXISTS calendars LowCardinality(String) COMMENT 'NAME:check,… of each that blocks; calendar has the least of them' AFTER calendar,
    ADD CONSTRAINT IF NOT EXISTS names_of_calendars CHECK length(calendars) < 2048
        AND match(calendars, '^([A-Za-z0-9_-]{1,24}:[a-z]{1,10}(,[A-Za-z0-9_-]{1,24}:[a-z]{1,10})*)?$');
