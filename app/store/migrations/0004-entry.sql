-- The second version of an entry. An entry of the first is read as it was written: its cap is the one of its
-- host's calls, its actor the prospect unless only an operator gives such a command, and nothing limits its
-- changes. The columns of the old cap stay for what was written; nothing is written into them any more.
ALTER TABLE ledger
    ADD COLUMN IF NOT EXISTS caps String
        DEFAULT if(cap = 0, '', concat(toString(cap), '::', toString(toUnixTimestamp(cap_start)), ':', toString(toUnixTimestamp(cap_end))))
        COMMENT 'limit:tag:from:to,…: at most so many calls that bear the tag; no tag: of this host' AFTER cap_end,
    ADD COLUMN IF NOT EXISTS tags LowCardinality(String) COMMENT 'of the call, as caps count it' AFTER caps,
    ADD COLUMN IF NOT EXISTS meeting LowCardinality(String) COMMENT 'the kind of call' AFTER tags,
    ADD COLUMN IF NOT EXISTS max_changes UInt32 COMMENT 'of the booking, by its prospect; 0: any number' AFTER meeting,
    ADD COLUMN IF NOT EXISTS actor Enum8('prospect' = 0, 'operator' = 1, 'courier' = 2, 'calendar' = 3)
        DEFAULT if(kind IN ('book', 'cancel'), 'prospect', 'operator')
        COMMENT 'who gave the command' AFTER max_changes;
