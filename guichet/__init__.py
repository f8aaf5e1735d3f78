"""The ground floor the other packages stand on: settings, content, cases, store, privacy, safety, command line."""
