"""What runs inside Rasa (Python 3.10, private): importer, understanding, decision, channel. Imports none of ours."""
