"""The study's company in a database of Leadheat's: made in bulk, scored once by real passes, measured in copies."""
