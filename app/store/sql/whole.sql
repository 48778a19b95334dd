-- How many rows each table has, and how many it gives.
SELECT
	(
		SELECT total_rows
		FROM system.tables
		WHERE database = currentDatabase()
		AND name = 'ledger'),
	(
		SELECT count()
		FROM ledger),
	(
		SELECT total_rows
		FROM system.tables
		WHERE database = currentDatabase()
		AND name = 'consulting_bookings'),
	(
		SELECT count()
		FROM consulting_bookings),
	(
		SELECT total_rows
		FROM system.tables
		WHERE database = currentDatabase()
		AND name = 'deliveries'),
	(
		SELECT count()
		FROM deliveries)
FORMAT TabSeparated
