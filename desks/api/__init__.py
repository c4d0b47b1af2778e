"""The API of events: the same forms, actions and scope rule as the pages; a module for each thing it speaks of."""
