-- What the programs could not read, or were never made for, nobody writes: a number too large for its place, a NUL in
-- a name, a time of before 1970 or of a far future, a text for which no reply has room. They go on beside such rows
-- all the same. A brief comes in by the clock of its worker, which may be wrong by any time: it is not refused for that;
-- all other times are this server's own. Workers and couriers write row by row, so whoever has their passwords has no million in one stroke.
ALTER TABLE ledger
    ADD CONSTRAINT IF NOT EXISTS numbers CHECK version <= toUnixTimestamp(now())
        AND arrayAll(cap -> toUInt64OrZero(splitByChar(':', cap)[1]) <= 4294967295
            AND toUInt64OrZero(splitByChar(':', cap)[3]) <= 4294967295
            AND toUInt64OrZero(splitByChar(':', cap)[4]) <= 4294967295, splitByChar(',', caps)),
    ADD CONSTRAINT IF NOT EXISTS names CHECK NOT match(host, '[\\x00-\\x1f\\x7f]'),
    ADD CONSTRAINT IF NOT EXISTS times CHECK written_at >= toDateTime64(0, 3, 'UTC') AND written_at < now64(3) + INTERVAL 1 DAY;

ALTER TABLE consulting_bookings
    ADD CONSTRAINT IF NOT EXISTS one_row CHECK rowNumberInBlock() = 0
        OR NOT match(currentUser(), '^slotguard_(web|courier)'),
    ADD CONSTRAINT IF NOT EXISTS sizes CHECK length(host) < 64 AND length(held) < 32 AND slot_start <= slot_end
        AND length(name) + length(email) + length(company) + length(brief) + length(budget) + length(timeframe)
            + length(timezone) + length(language) + length(video_link) < 131072,
    ADD CONSTRAINT IF NOT EXISTS times CHECK created_at >= toDateTime64(0, 3, 'UTC') AND created_at < toDateTime64(4294967296, 3, 'UTC')
        AND written_at >= toDateTime64(0, 3, 'UTC') AND written_at < now64(3) + INTERVAL 1 DAY;

ALTER TABLE deliveries
    ADD CONSTRAINT IF NOT EXISTS one_row CHECK rowNumberInBlock() = 0
        OR NOT match(currentUser(), '^slotguard_(web|courier)'),
    ADD CONSTRAINT IF NOT EXISTS sizes CHECK length(duty) < 32 AND length(state) < 16
        AND length(detail) + length(payload) < 524288,
    ADD CONSTRAINT IF NOT EXISTS times CHECK at >= toDateTime64(0, 3, 'UTC') AND at < now64(3) + INTERVAL 1 MINUTE;
