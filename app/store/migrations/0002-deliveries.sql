-- What the couriers did, and who has a booking now: a log in the order of _block_number, like the
-- ledger, but several rows may share a block, since they are of one courier.
CREATE TABLE IF NOT EXISTS deliveries
(
    booking_id UUID,
    version UInt64,
    duty LowCardinality(String) COMMENT 'lease, or a duty of app/core/duty.h',
    state LowCardinality(String),
    attempt UInt16,
    owner UUID COMMENT 'the courier',
    until DateTime64(3, 'UTC') COMMENT 'end of the lease, or when to try again',
    detail String COMMENT 'what went wrong; no personal data',
    payload String COMMENT 'the exact bytes of a mail, to be repeated under its key',
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY booking_id
SETTINGS enable_block_number_column = 1, fsync_after_insert = 1, fsync_part_directory = 1;
