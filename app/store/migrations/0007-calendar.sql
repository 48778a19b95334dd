-- With [google] obey = yes the courier writes commands, too: those of the calendar's owner and nothing else.
ALTER TABLE ledger
    ADD CONSTRAINT IF NOT EXISTS calendars_commands CHECK (kind IN ('book', 'cancel') AND actor = 'calendar')
        OR NOT startsWith(currentUser(), 'slotguard_courier');
