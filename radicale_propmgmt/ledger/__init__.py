"""What each device was given: deliveries, merge bases, refused writes, and how long all that is kept."""
