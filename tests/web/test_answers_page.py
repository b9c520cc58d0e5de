"""The page of all answers, for the clinic's doctor."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.settings import Settings
from tests.web.conftest import Site

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The site with the answers that are shipped."""
    return settings.model_copy(update={"data_directory": DATA})


async def test_every_question_is_there_with_its_record_and_its_source(site: Site) -> None:
    response = await site.client.get("/answers")
    assert response.status_code == 200
    assert response.text.count('<section class="answer"') == 65
    assert "Does it hurt?" in response.text
    assert "Not yet approved by the clinic" in response.text
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/39401008/"' in response.text


async def test_the_demo_page_leads_there(site: Site) -> None:
    assert 'href="/answers"' in (await site.client.get("/demo")).text
