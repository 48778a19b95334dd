-- What a prospect may add to a brief, and the language in which they are written to.
ALTER TABLE consulting_bookings
    ADD COLUMN IF NOT EXISTS budget String AFTER brief,
    ADD COLUMN IF NOT EXISTS timeframe String AFTER budget,
    ADD COLUMN IF NOT EXISTS language LowCardinality(String) AFTER timezone;
