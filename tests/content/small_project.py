"""A project in small and in good order, in which faults are planted: two questions, an emergency, tests."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARKING_WAYS = """where can I park
parking
is there a lot for cars
do you have spaces behind the building
can my wife leave the truck there while I am treated
I drive a large van, will it fit somewhere
street spots near you?
any garage close by
how far is the walk from the car
is it free to leave my car
does a meter run there
I use a wheelchair and need a spot by the door
handicap places available?
wher do i leave my car
parkng at ur place
my son drops me off, is there a loading zone
is the lot lit at night
who owns that lot, will they tow me
worried about finding a place in the morning rush
motorcycle, where to
can a bus stop in front
electric charger there?
is the lot full on mondays
please for car, which place
two of us come in separate cars, ok?""".splitlines()
TOWEL_WAYS = """do I bring a towel
towels?
should there be a sheet in my bag
will something cover the table
what lies under me, paper or cloth
are the linens washed each time
do you hand out gowns
I get cold, are blankets offered
may I use my own pillow
pillow from home allowed?
is the face cradle covered fresh
who launders the cloths
allergic to detergent, can I carry my own sheet
towl needed or not
need i to take cover with me
my mother always packs a blanket, necessary?
is a robe given
warm blankets would be nice, got any
do people undress under a drape
how clean are those table covers
single use paper on the bed?
can you skip the fabric softener
soft or rough linen, I have sensitive skin
nothing to lie on in my luggage, fine?
heated mat or plain one""".splitlines()
OTHER_WAYS = """call the ambulance
send help
someone passed out here
no pulse
heavy accident outside
my chest burns and I sweat
he turned blue
lost a lot of blood
her speech went
cannot move at all""".splitlines()

MENU_WAYS = """what are you good for
list your skills
your abilities?
show the menu
which things do you know
name all you answer
options
purpose of this window
how might you assist
give an overview""".splitlines()
BOOKING_WAYS = """book a slot
schedule me
first consult wanted
new patient here, when
reserve tuesday for me
sign me up
need an appointment soon
ring me to arrange it
put my name down
come in this week?""".splitlines()


def question(topic: str, title: str, ways: list[str], other: str) -> str:
    examples = "".join(f"    - {way}\n" for way in ways)
    return f"""version: "3.1"
nlu:
- intent: ask_{topic}
  metadata:
    title: "{title}"
    facts: [P01]
    status: source_checked
    checked_on: "2026-11-24"
    review_by: "2027-05-24"
  examples: |
{examples}responses:
  utter_ask_{topic}:
  - text: |-
      Yes, and it may help to ask. Call {{clinic_phone}} first.
    buttons:
    - title: The other thing
      payload: /ask_{other}
    - title: This in an emergency
      payload: /report_emergency
    metadata:
      kind: answer
      needs: [clinic_phone]
      sources: []
  - text: |-
      The team will tell you. You may also ask on the day, {{lead_name}}.
    buttons:
    - title: The other thing
      payload: /ask_{other}
    - title: This in an emergency
      payload: /report_emergency
    metadata:
      kind: answer
      sources: []
rules:
- rule: answer {topic}
  steps:
  - intent: ask_{topic}
  - action: utter_ask_{topic}
"""


EMERGENCY = f"""version: "3.1"
nlu:
- intent: report_emergency
  metadata:
    title: Emergency
    facts: [R01]
    status: source_checked
    checked_on: "2026-11-24"
    review_by: "2027-05-24"
  examples: |
{"".join(f"    - {way}{chr(10)}" for way in OTHER_WAYS)}responses:
  utter_emergency:
  - text: "[Call 911](tel:911) now. Do not wait."
    metadata:
      kind: urgent
rules:
- rule: answer emergency
  steps:
  - intent: report_emergency
  - action: utter_emergency
"""
CHECKED = 'status: source_checked, checked_on: "2026-11-24", review_by: "2027-05-24"'
MENU = f"""version: "3.1"
nlu:
- intent: ask_what_can_you_do
  metadata: {{title: Menu, facts: [L11], {CHECKED}}}
  examples: |
{"".join(f"    - {way}{chr(10)}" for way in MENU_WAYS)}- intent: ask_booking
  metadata: {{title: Book, facts: [L08], {CHECKED}}}
  examples: |
{"".join(f"    - {way}{chr(10)}" for way in BOOKING_WAYS)}responses:
  utter_menu:
  - text: Ask me.
    buttons:
    - title: Where can I park?
      payload: /ask_parking
    metadata:
      kind: answer
rules:
- rule: answer menu
  steps:
  - intent: ask_what_can_you_do
  - action: utter_menu
"""
DOMAIN = """version: "3.1"
intents:
- ask_parking
- ask_towels
# the consultation request
- ask_booking
- ask_what_can_you_do
- report_emergency
entities:
- detail
slots:
  talking_about:
    type: categorical
    values: [something_else]
    mappings:
    - type: from_intent
      intent: [ask_parking,
        ask_towels]
      value: something_else
  lead_name:
    type: text
"""
TESTS = """version: "3.1"
stories:
- story: visitor asks about parking
  steps:
  - user: |
      I come by car, is there room
    intent: ask_parking
  - action: utter_ask_parking
- story: visitor asks about towels
  steps:
  - user: |
      must a [neck](body_area) towel be packed
    intent: ask_towels
  - action: utter_ask_towels
"""


def write_small_project(root: Path) -> Path:
    """Write the project into the empty folder `root` and return it."""
    files = {
        "data/faq/parking.yml": question("parking", "Where can I park?", PARKING_WAYS, "towels"),
        "data/faq/towels.yml": question("towels", "Do I bring a towel?", TOWEL_WAYS, "parking"),
        "data/safety/emergency.yml": EMERGENCY,
        "data/smalltalk/what_can_you_do.yml": MENU,
        "domain.yml": DOMAIN,
        "tests/conversations/test_questions.yml": TESTS,
        "actions/none.py": "",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in ("engine/clinic_words.yml", "content/facts.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    return root
