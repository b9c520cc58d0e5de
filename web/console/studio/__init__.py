"""The content studio: people of the content team change questions and answers here, in the files of `data/`.

The files are the draft. The live assistant is the trained release and changes only when somebody publishes.
"""

from __future__ import annotations

from sanic import Blueprint

from web.console.studio.editor_pages import setup_editor_pages
from web.console.studio.keep_pages import setup_keep_pages
from web.console.studio.new_pages import setup_new_pages
from web.console.studio.review_pages import setup_review_pages
from web.console.studio.topic_pages import setup_topic_pages
from web.console.studio.try_pages import setup_try_pages


def setup_studio(blueprint: Blueprint) -> None:
    """Add the studio's pages."""
    setup_topic_pages(blueprint)
    setup_new_pages(blueprint)
    setup_editor_pages(blueprint)
    setup_try_pages(blueprint)
    setup_keep_pages(blueprint)
    setup_review_pages(blueprint)
