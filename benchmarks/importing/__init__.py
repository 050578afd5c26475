"""Activities saved for the first time: the pages that come, who saves them, and what it costs."""
