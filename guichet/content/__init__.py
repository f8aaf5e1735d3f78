"""The authors' content, read from data/: themes, registries, sentences, and how they are shown."""

from guichet.content.display import Display
from guichet.content.library import Content, ContentError, Organisme, load_content
from guichet.content.off import NOTHING_OFF, Off
from guichet.content.themes import FAMILIES, Theme

__all__ = ["FAMILIES", "NOTHING_OFF", "Content", "ContentError", "Display", "Off", "Organisme", "Theme", "load_content"]
