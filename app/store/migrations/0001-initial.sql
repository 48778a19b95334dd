-- The lead and what is shown of its booking. The newest version of a booking's rows counts.
CREATE TABLE IF NOT EXISTS consulting_bookings
(
    booking_id UUID,
    version UInt64 COMMENT '0: a lead, or a row from elsewhere; else the ledger version it follows from',
    status Enum8('awaiting_slot' = 0, 'booked' = 1, 'cancelled' = 2, 'erased' = 3),
    host LowCardinality(String),
    slot_start DateTime('UTC'),
    slot_end DateTime('UTC'),
    calendar Enum8('off' = 0, 'fresh' = 1, 'remembered' = 2, 'unchecked' = 3),
    name String,
    email String,
    company String,
    brief String,
    timezone LowCardinality(String),
    created_at DateTime64(3, 'UTC') DEFAULT now64(3),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY booking_id
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The log of commands. Its order is _block_number, one row a block; nothing updates or deletes here.
CREATE TABLE IF NOT EXISTS ledger
(
    id UUID,
    kind Enum8('epoch' = 0, 'book' = 1, 'cancel' = 2, 'block' = 3, 'unblock' = 4, 'erase' = 5, 'restore' = 6),
    booking_id UUID,
    version UInt64 COMMENT 'the booking version that the writer saw',
    host LowCardinality(String),
    call_start DateTime('UTC'),
    call_end DateTime('UTC'),
    taken_start DateTime('UTC') COMMENT 'the call with its buffers',
    taken_end DateTime('UTC'),
    cap UInt32,
    cap_start DateTime('UTC'),
    cap_end DateTime('UTC'),
    calendar Enum8('off' = 0, 'fresh' = 1, 'remembered' = 2, 'unchecked' = 3),
    written_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY tuple()
SETTINGS enable_block_number_column = 1, non_replicated_deduplication_window = 10000,
    fsync_after_insert = 1, fsync_part_directory = 1;

-- The first row is the ledger's identity, and names its table: a restored one has another UUID. The token keeps two migrations at once from writing two.
INSERT INTO ledger (id, kind, booking_id)
SETTINGS async_insert = 0, insert_deduplicate = 1, insert_deduplication_token = 'epoch'
SELECT generateUUIDv4(), 'epoch',
    (SELECT uuid FROM system.tables WHERE database = currentDatabase() AND name = 'ledger')
WHERE (SELECT count() FROM ledger) = 0;
