-- Where a call is held that has a video call of its own, as the calendar made it.
ALTER TABLE consulting_bookings
    ADD COLUMN IF NOT EXISTS video_link String COMMENT 'of the call that stands; empty: none, or not yet' AFTER held;
