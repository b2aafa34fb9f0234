"""Word lists of the sentence splitter: lower case and without the last full stop unless said otherwise."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Stand before a name: the sentence goes on whatever follows. Capitalised in the text.
NEVER_END = _words(
    """
    mr mrs ms mx dr prof messrs mme mlle mgr msgr gen col lt sgt capt cpt cmdr cdr adm maj brig cpl pvt pfc sen rep
    gov rev fr hon pres supt insp det amb atty st ste mt ft dep asst assoc lt.col lt.gen maj.gen
    brig.gen rear.adm cllr cllrs ald reps sens gens profs drs
    e.g i.e cf viz
    """
)
NEVER_END_LOWER = frozenset(["vs", "v", "e.g", "i.e", "cf", "viz", "lt", "gen"])

# Abbreviations only before a number: "No." is also an answer.
BEFORE_NUMBER = _words(
    """
    no nos nr art arts fig figs p pp vol vols ch sec sect para paras eq ref op approx ca c circa est rs tel ext max min
    """
)

MONTHS_AND_DAYS = _words(
    """
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """
)

TIMES = frozenset(["a.m", "p.m", "am", "pm", "a.d", "b.c"])

# As written.
TIMES_FOLLOW = _words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur
    Thurs Fri Sat Sun ET EST EDT CT CST CDT MT MST MDT PT PST PDT GMT UTC BST CET CEST IST AEST Eastern Central
    Mountain Pacific Greenwich
    """
)

# End a sentence only where the next word is one that begins sentences.
MAY_END = _words(
    """
    inc ltd co corp bros jr sr plc cos llc assn dept univ dist ave blvd rd bldg hwy esq al ph.d m.d etc
    ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore pa tenn
    tex va vt wash wis wyo ont que alta
    """
)

# As written.
STARTERS = _words(
    """
    The A An This That These Those There Here He She It They We I You His Her Its Their Our My Your Who What When
    Where Why How Which While After Before As If For From By With Without Under Over In On At Of To But And Or So Yet
    Nor Because Since Although Though However Meanwhile Moreover Still Then Now Later Earlier Yesterday Today Tomorrow
    Also Even Only Just Not No Yes Once Until During Despite According Asked Instead Another Some Many Most All Both
    Each Every Several Few Other Others One Two Three Four Five Six Nothing Nobody Neither Either Among Between Last
    Next Is Are Was Were Do Does Did Has Have Had Will Would Can Could Should Police Officials Let Perhaps Maybe
    It's He's She's They're We're I'm That's There's Don't It’s He’s She’s They’re We’re I’m That’s There’s Don’t
    """
)

REPORTING_VERBS = _words(
    """
    said says asked asks added adds told cried cries shouted yelled screamed wrote writes tweeted posted replied
    answered responded exclaimed wondered quipped joked declared demanded insisted continued remarked recalled
    """
)

# Words that may follow the verb of a reporting clause that has the quotation before it as its object.
REPORTING_TAIL = _words(
    """
    in on at during after before when while as with to of from by outside inside later yesterday today afterwards
    angrily quietly loudly again aloud recently adding referring laughing smiling online about via once rhetorically
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    """
)
