"""The custom actions: what rules cannot say. One module a behaviour; rasa-sdk finds every Action of this package."""
