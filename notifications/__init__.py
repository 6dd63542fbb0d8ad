"""The post office: channels, deliveries, receipts. It knows addresses and letters, not cases."""
