-- Whose a brief is, by an address without its case and its sub-address, and whether it was held back. The
-- expression is address_normal() of core/address.h; the index keeps a look at one person cheap.
ALTER TABLE consulting_bookings
    ADD COLUMN IF NOT EXISTS held LowCardinality(String)
        COMMENT 'why no times were shown: address, hour, verify; empty: they were' AFTER timeframe,
    ADD COLUMN IF NOT EXISTS person UInt64
        MATERIALIZED sipHash64(replaceRegexpOne(lower(email), '^([^@+]+)\\+[^@]*@', '\\1@'))
        COMMENT 'the normal form of the address, hashed' AFTER held,
    ADD INDEX IF NOT EXISTS person person TYPE bloom_filter(0.001) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS created_at created_at TYPE minmax GRANULARITY 1;

ALTER TABLE consulting_bookings MATERIALIZE COLUMN person SETTINGS mutations_sync = 2;

ALTER TABLE consulting_bookings MATERIALIZE INDEX person, MATERIALIZE INDEX created_at SETTINGS mutations_sync = 2;

-- Addresses and domains whose briefs are not taken.
CREATE TABLE IF NOT EXISTS blocked_addresses
(
    what String COMMENT 'jane@example.com, or example.com',
    hash UInt64,
    is_blocked Bool,
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY what
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
