"""What comms leads do with incidents. No Slack here: whoever calls has checked that it is a lead."""
