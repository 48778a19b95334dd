-- What was made due again.
INSERT INTO deliveries_next (booking_id, version, duty, state, owner, until, detail, at)
SELECT booking_id, version, duty, state, owner, until, detail, at
FROM deliveries
WHERE state = 'due'
AND detail = '@DELIVERY_AGAIN@'
