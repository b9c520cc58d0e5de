"""The content team's side: reads what the assistant says from the files under `data/`."""
