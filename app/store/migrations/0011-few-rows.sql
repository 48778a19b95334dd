-- Couriers write with one INSERT what belongs together: the leases of all that a round may come to, what became of a
-- message's alerts. That is a thousand rows at most, so whoever has their password has no million in one stroke.
ALTER TABLE deliveries
    DROP CONSTRAINT IF EXISTS one_row,
    ADD CONSTRAINT IF NOT EXISTS few_rows CHECK rowNumberInBlock() < 1000
        OR NOT match(currentUser(), '^slotguard_(web|courier)');
