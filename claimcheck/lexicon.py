"""Word lists behind the resolving of sources: honorifics, offices, kinds of organisation, first names, places.

Everything is lower case. The lists are closed classes or samples, not a gazetteer: an unknown first name leaves the
gender open, an unknown noun leaves a source unresolved.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, Literal

Gender = Literal["m", "f"]


def word_set(text: str) -> frozenset[str]:
    """Return the words of a string; lists read better that way.

    >>> sorted(word_set("sir dame"))
    ['dame', 'sir']
    """
    return frozenset(text.split())


MALE_TITLES: Final = word_set(
    "mr mr. mister sir lord father fr fr. brother dom don monsieur herr signor señor senor king prince duke baron "
    "count earl shri sri pastor abbot monsignor"
)
FEMALE_TITLES: Final = word_set(
    "mrs mrs. ms ms. miss madam madame mme dame lady sister frau signora señora senora queen princess duchess "
    "baroness countess smt mother"
)
HONORIFICS: Final = (
    MALE_TITLES
    | FEMALE_TITLES
    | word_set(
        "mx mx. dr dr. doctor prof prof. professor rev rev. reverend bishop archbishop cardinal pope rabbi imam sheikh "
        "canon cllr councillor councilman councilwoman councilor sen sen. senator rep rep. representative "
        "congressman congresswoman gov gov. governor capt capt. captain col col. colonel lt lt. lieutenant gen gen. "
        "general maj maj. major sgt sgt. sergeant cpl cpl. corporal pc constable det insp insp. inspector detective "
        "superintendent supt marshal admiral commander brigadier commodore judge justice president premier chancellor "
        "vice deputy assistant acting former ex-president chief hon hon. honourable right sheriff deputy attorney "
        "comrade officer trooper private coach ambassador cr coun coun. alhaji advocate"
    )
)

# Nouns for people; a definite one ("the minister") is looked up among those introduced with it.
ROLES: Final = word_set(
    "president minister secretary governor mayor mayoress chancellor premier senator deputy lawmaker legislator mp td "
    "msp mep congressman congresswoman representative councillor councilor councilman councilwoman alderman alderwoman "
    "councilmember advisor adviser aide envoy ambassador diplomat consul commissioner ombudsman auditor comptroller treasurer "
    "registrar clerk collector magistrate prosecutor judge justice coroner attorney lawyer solicitor barrister counsel "
    "advocate notary sheriff constable officer detective inspector superintendent sergeant lieutenant captain major "
    "colonel general commander marshal admiral brigadier executive ceo cfo coo cto director chairman chairwoman "
    "chairperson chair chief head boss manager founder co-founder owner co-owner proprietor publisher editor "
    "editor-in-chief columnist reporter journalist correspondent author writer novelist poet biographer playwright "
    "critic broadcaster presenter host anchor actor actress singer musician pianist composer conductor painter "
    "sculptor photographer architect designer curator librarian historian archaeologist economist analyst strategist "
    "trader broker scientist researcher biologist ecologist hydrologist geologist physicist chemist epidemiologist "
    "virologist toxicologist climatologist meteorologist seismologist astronomer engineer technician surgeon doctor "
    "physician paediatrician pediatrician nurse midwife matron pathologist psychologist psychiatrist pharmacist "
    "professor lecturer teacher headteacher headmaster headmistress principal dean rector provost chaplain priest "
    "vicar parson pastor bishop archbishop cardinal pope abbot abbess imam rabbi canon monk nun sister brother "
    "mother father son daughter wife husband widow widower uncle aunt niece nephew cousin grandmother grandfather "
    "grandson granddaughter neighbour neighbor partner fiancé fiancée farmer fisherman skipper docker miner "
    "shepherd beekeeper baker butcher landlord landlady shopkeeper publican innkeeper caretaker groundsman "
    "gamekeeper warden ranger harbourmaster harbormaster coxswain pilot driver conductor controller dispatcher "
    "operator coach trainer captain striker goalkeeper midfielder referee umpire arbiter steward player champion "
    "challenger grandmaster promoter agent second organizer organiser campaigner activist volunteer protester "
    "organizer convenor convener spokesman spokeswoman spokesperson leader chieftain whip candidate incumbent "
    "challenger winner plaintiff defendant claimant appellant witness victim survivor complainant accused suspect "
    "whistleblower tenant resident mentor speaker rapporteur negotiator mediator administrator receiver liquidator "
    "curator trustee regent king queen prince princess duke duchess mogul tycoon billionaire entrepreneur "
    "investor shareholder bookkeeper accountant cashier banker actuary statistician mathematician supremo leader "
    "tsar czar undersecretary under-secretary vice-president vice-chancellor vice-chairman backbencher ex-president "
    "ex-minister sub-collector chef cook gardener plumber electrician fitter mechanic courier rider "
    "expert specialist consultant technologist producer composer laureate inventor pensioner student pupil "
    "foreman forewoman draughtsman rancher prefect commandant bosun physio headman sarpanch vice-president ombudswoman "
    "guard sergeant-at-arms forecaster colleague superior predecessor successor opponent rival counterpart beneficiary "
    "heir heiress widow bride groom runner jockey keeper clergyman magician comedian dancer choreographer printmaker "
    "trapper hunter angler mayor-elect president-elect detainee prisoner inmate hostage caller buyer seller bidder "
    "sponsor lodger guest waiter waitress hairdresser tailor carpenter welder bricklayer mason miller vintner winemaker "
    "veteran retiree grandad teenager envoy superior prior regulator lead coordinator co-ordinator planner secretary-general"
)

# Heads and seniors: an unnamed one speaks for the house ("a Vellmar executive" is Vellmar).
OFFICIALS: Final = word_set(
    "spokesman spokeswoman spokesperson spokespersons spokesmen spokespeople representative representatives official "
    "officials executive executives manager managers president director directors bosses management lawyers "
    "attorneys counsel technicians officers investigators prosecutors researchers scientists engineers authors "
    "inspectors statisticians economists analysts leaders ministers chiefs administrators "
    "press-office press auditors doctors"
)
SPOKES: Final = word_set(
    "spokesman spokeswoman spokesperson spokespersons spokesmen spokespeople representative representatives "
    "official officials bosses management"
)

# Documents and channels: what they say, their organisation says.
DOCUMENTS: Final = word_set(
    "report reports statement statements notice notices note notes letter letters log logs logbook release releases "
    "application filing filings study survey surveys document documents paper papers citation communique communiqué "
    "record records statutes bulletin bulletins assessment return returns message messages memo memorandum brief "
    "review audit analysis caption yearbook tweet post posts website site advert advertisement brochure leaflet "
    "minutes indictment lawsuit complaint petition newsletter manifesto prospectus summary finding findings figures "
    "data claim claims proposal position account denial e-mail email mail press-release opinion reanalysis reading measurements readings catalogue handbook manual register "
    "ledger accounts files file plan order ruling judgment judgement verdict decision motion resolution briefing "
    "estimate estimates forecast forecasts response reply dossier article blog column book memoir circular rules "
    "guidelines tally count calculations diary model projections certificate archive calendar rulebook sign "
    "placard banner entry newspaper page feed channel account label package answer testimony affidavit presentation poll polls map sheet "
    "chart protocol transcript flier flyer annexure annex appendix registry statistics spreadsheet prospectus "
    "hotline helpline tracking minute timetable table list invoice bill receipt roster inventory ticket slip deck form "
    "deed appraisal flier contract schedule card drawing programme diary terms script leaflets"
)

# Nouns for organisations ("the union" is the one last named with that noun).
PUBLIC_BODIES: Final = word_set(
    "ministry department government administration council city county district borough parish municipality state "
    "province canton shire corporation commission committee court tribunal parliament assembly senate congress "
    "cabinet treasury police force constabulary army navy military agency authority regulator inspectorate bureau "
    "office service watchdog ombudsman bank university college school faculty institute hospital clinic academy "
    "museum library prosecution coastguard diocese church abbey cathedral mosque temple synagogue archdiocese embassy "
    "secretariat presidency customs republic palace kremlin inquiry panel board jury observatory laboratory lab survey "
    "prosecutors presidium directorate command garrison fire brigade ambulance"
)
GROUPS: Final = word_set(
    "union federation association alliance coalition confederation guild league society club party group movement "
    "network forum council chamber fund trust foundation charity institute centre center campaign collective committee "
    "brotherhood front congress cooperative co-operative co-op syndicate team board staff squad lifeboat mission "
    "organisation organization body lobby friends parents residents vendors watch action band orchestra choir choirs "
    "ensemble theatre theater opera gallery festival rebels militants separatists insurgents militia opposition "
    "bloc neighbours neighbors tenants landlords farmers growers families family seminary scouts choir order rescue camp"
)
COMPANIES: Final = word_set(
    "company firm business corporation group maker carmaker drugmaker chipmaker manufacturer producer supplier "
    "retailer chain supermarket grocer airline carrier operator utility insurer lender bank brewer brewery miner "
    "developer builder contractor contractors consortium start-up startup platform app broadcaster channel "
    "station newspaper paper magazine house publisher publishers studio label dealer dealership distributor shipper "
    "shipowner shipyard yard factory plant mill mine refinery hotel restaurant store shop employer brand owner owners "
    "organiser organisers organizers promoter vendor railway railroad bookmaker auctioneer agency consultancy "
    "brokerage fund investor venture conglomerate outfit cooperative co-operative partnership practice farm estate "
    "landlord promoters seller lab"
)
ORGANISATIONS: Final = (PUBLIC_BODIES | GROUPS | COMPANIES) - word_set("owner seller landlord investor")
# nouns that stand for one another: "the union" is the one federation of the text, "the regulator" its authority
KIN: Final[tuple[frozenset[str], ...]] = (
    word_set("union federation association guild brotherhood league society alliance"),
    word_set("regulator watchdog authority inspectorate commission bureau agency office directorate board"),
    word_set("party dal front congress movement"),
    word_set("club team rovers united athletic wanderers"),
    word_set("ministry department"),
    word_set("agency bureau service"),
)
# capitalised last words that make a name an organisation's
ORG_SUFFIXES: Final = (
    PUBLIC_BODIES | GROUPS | word_set("company corporation airline hotel brewery refinery")
) - word_set("camp state order friends city force staff") | word_set(
    "inc inc. ltd ltd. plc llc llp corp corp. co co. gmbh ag sa nv limited incorporated holdings partners "
    "industries motors airlines airways lines systems technologies labs laboratories foods energy power water "
    "electric oil gas steel mining minerals lithium chemicals pharma pharmaceuticals therapeutics biotech media "
    "news records pictures press books securities capital ventures savings ratings insurance assurance financial "
    "finance bank bankhaus properties homes estates logistics shipping freight rail railways railway "
    "telecom mobile wireless networks software analytics robotics nuclear renewables solar research optics "
    "poultry dairies dairy farms foods fisheries brewing toys stores markets outfitters constructions "
    "construction engineering brothers bros & express post times herald courier gazette tribune comet echo "
    "chronicle mail daily united rovers fc afc athletic wanderers albion prize masters ministry friends "
    "house city watch action code"
)

UNNAMED: Final = word_set(
    "source sources person people man woman men women boy girl resident residents witness witnesses bystander "
    "neighbour neighbor neighbours neighbors passer-by passers-by insider insiders someone somebody everyone "
    "everybody nobody anyone others another many some several few most one critics observers experts analysts "
    "economists scientists locals villagers customers commuters fans protesters demonstrators survivors "
    "driver docker worker workers employee employees staffer customer passenger passengers shopkeeper"
)

# what an advocate speaks for without a name
SIDES: Final = word_set(
    "defence defense prosecution family opposition republic crown state strikers plaintiffs"
)

PERSONAL_RELATIONS: Final = word_set(
    "lawyer attorney solicitor barrister counsel agent manager coach trainer second promoter spokesman spokeswoman "
    "spokesperson wife husband widow widower son daughter brother sister mother father uncle aunt cousin partner "
    "fiancé fiancée niece nephew grandson granddaughter aide adviser advisor deputy secretary publicist client advocate staff companion physiotherapist"
)
POLICE_ROLES: Final = word_set(
    "detective inspector superintendent constable sergeant commissioner sheriff chief trooper officer det insp insp. "
    "supt sgt sgt. pc"
)
MINISTER_ROLES: Final = word_set("minister secretary chancellor undersecretary under-secretary premier")
PORTFOLIOS: Final = word_set(
    "finance foreign interior defence defense health education transport environment energy labour labor justice "
    "agriculture fisheries trade economy commerce treasury home prime culture housing mining digital sports water "
    "planning consumer industry business work pensions science research technology tourism infrastructure state "
    "interior-security security immigration welfare railways forestry climate farming forests"
)
LOCAL_ROLES: Final = word_set(
    "mayor mayoress councillor councilor councilman councilwoman councilmember alderman alderwoman cllr"
)
LOCAL_BODIES: Final = word_set(
    "council city county borough parish municipality shire town corporation village"
)
CORPORATE_ROLES: Final = word_set(
    "executive ceo cfo coo cto director chairman chairwoman chairperson chair founder co-founder manager boss chief "
    "president secretary treasurer"
)

GENDERED: Final[dict[str, Gender]] = {
    **dict.fromkeys(
        word_set(
            "alderwoman spokeswoman chairwoman businesswoman congresswoman councilwoman actress widow "
            "wife mother daughter sister aunt niece grandmother granddaughter queen princess duchess "
            "countess headmistress landlady abbess nun midwife woman girl mayoress fiancée stewardess "
            "policewoman waitress lady"
        ),
        "f",
    ),
    **dict.fromkeys(
        word_set(
            "alderman spokesman chairman businessman congressman councilman actor widower husband "
            "father son brother uncle nephew grandfather grandson king prince duke headmaster abbot "
            "monk priest man boy fiancé fisherman groundsman policeman waiter craftsman foreman "
            "ombudsman"
        ),
        "m",
    ),
}
# ombudsman, chairman and others are used of women too: weak evidence only
WEAK_GENDER: Final = word_set("chairman ombudsman alderman spokesman actor craftsman foreman fisherman")

SYNONYMS: Final[dict[str, str]] = {
    **dict.fromkeys(
        word_set("ceo executive exec boss head chief leader chairman chairwoman chairperson chair president"),
        "@head",
    ),
    **dict.fromkeys(word_set("spokesman spokeswoman spokesperson"), "@spokes"),
    **dict.fromkeys(word_set("advisor adviser aide"), "@adviser"),
    **dict.fromkeys(
        word_set("mp lawmaker legislator deputy senator congressman congresswoman representative sen rep"),
        "@mp",
    ),
    **dict.fromkeys(word_set("lawyer attorney solicitor barrister counsel advocate"), "@lawyer"),
    **dict.fromkeys(
        word_set(
            "councillor councilor councilman councilwoman councilmember alderman alderwoman cllr cr coun"
        ),
        "@cllr",
    ),
    **dict.fromkeys(word_set("coach trainer"), "@coach"),
    **dict.fromkeys(word_set("doctor surgeon physician dr"), "@doctor"),
    **dict.fromkeys(word_set("researcher scientist"), "@scientist"),
    **dict.fromkeys(word_set("priest vicar pastor parson chaplain"), "@priest"),
    **dict.fromkeys(word_set("author writer novelist biographer"), "@author"),
    **dict.fromkeys(word_set("teacher headteacher headmaster headmistress principal"), "@teacher"),
    **dict.fromkeys(
        word_set("officer detective inspector superintendent constable sergeant supt insp sgt"), "@police"
    ),
    **dict.fromkeys(word_set("professor prof"), "@professor"),
    **dict.fromkeys(word_set("governor gov"), "@governor"),
    **dict.fromkeys(word_set("organizer organiser"), "@organiser"),
    **dict.fromkeys(word_set("captain skipper capt"), "@captain"),
    **dict.fromkeys(word_set("founder co-founder"), "@founder"),
    **dict.fromkeys(word_set("owner co-owner proprietor"), "@owner"),
}

# Capitals, seats of government and adjectives that pycountry does not hold; alpha-2 codes.
# "Kyiv said" and "the Russian side" are the government.
PLACES: Final[dict[str, str]] = {
    "kyiv": "UA", "kiev": "UA", "ukrainian": "UA", "moscow": "RU", "kremlin": "RU", "russia": "RU", "russian": "RU",
    "washington": "US", "american": "US", "u.s.": "US", "us": "US", "usa": "US", "white house": "US",
    "pentagon": "US", "london": "GB", "britain": "GB", "british": "GB", "uk": "GB", "downing street": "GB",
    "england": "GB", "paris": "FR", "french": "FR", "elysée": "FR", "berlin": "DE", "german": "DE", "rome": "IT",
    "italian": "IT", "madrid": "ES", "spanish": "ES", "lisbon": "PT", "portuguese": "PT", "warsaw": "PL",
    "polish": "PL", "minsk": "BY", "belarusian": "BY", "vilnius": "LT", "lithuanian": "LT", "riga": "LV",
    "latvian": "LV", "tallinn": "EE", "estonian": "EE", "helsinki": "FI", "finnish": "FI", "stockholm": "SE",
    "swedish": "SE", "oslo": "NO", "norwegian": "NO", "copenhagen": "DK", "danish": "DK", "the hague": "NL",
    "dutch": "NL", "belgian": "BE", "swiss": "CH", "bern": "CH", "vienna": "AT", "austrian": "AT",
    "budapest": "HU", "hungarian": "HU", "prague": "CZ", "czech": "CZ", "czech republic": "CZ",
    "bratislava": "SK", "slovak": "SK", "bucharest": "RO", "romanian": "RO", "sofia": "BG", "bulgarian": "BG",
    "belgrade": "RS", "serbian": "RS", "zagreb": "HR", "croatian": "HR", "ljubljana": "SI", "sarajevo": "BA",
    "bosnian": "BA", "pristina": "XK", "kosovo": "XK", "kosovar": "XK", "skopje": "MK", "tirana": "AL",
    "albanian": "AL", "athens": "GR", "greek": "GR", "nicosia": "CY", "cypriot": "CY", "ankara": "TR",
    "turkish": "TR", "turkey": "TR", "chisinau": "MD", "moldovan": "MD", "moldova": "MD", "tbilisi": "GE",
    "georgian": "GE", "yerevan": "AM", "armenian": "AM", "baku": "AZ", "azerbaijani": "AZ", "astana": "KZ",
    "kazakh": "KZ", "tashkent": "UZ", "uzbek": "UZ", "bishkek": "KG", "kyrgyz": "KG", "dushanbe": "TJ",
    "tajik": "TJ", "ashgabat": "TM", "turkmen": "TM", "kabul": "AF", "afghan": "AF", "islamabad": "PK",
    "pakistani": "PK", "new delhi": "IN", "delhi": "IN", "indian": "IN", "dhaka": "BD", "bangladeshi": "BD",
    "colombo": "LK", "sri lankan": "LK", "kathmandu": "NP", "nepali": "NP", "beijing": "CN", "chinese": "CN",
    "china": "CN", "taipei": "TW", "taiwan": "TW", "taiwanese": "TW", "tokyo": "JP", "japanese": "JP",
    "seoul": "KR", "south korea": "KR", "south korean": "KR", "pyongyang": "KP", "north korea": "KP",
    "north korean": "KP", "hanoi": "VN", "vietnam": "VN", "vietnamese": "VN", "bangkok": "TH", "thai": "TH",
    "manila": "PH", "philippine": "PH", "filipino": "PH", "jakarta": "ID", "indonesian": "ID",
    "kuala lumpur": "MY", "malaysian": "MY", "canberra": "AU", "australian": "AU", "wellington": "NZ",
    "ottawa": "CA", "canadian": "CA", "mexico city": "MX", "mexican": "MX", "brasilia": "BR", "brazilian": "BR",
    "buenos aires": "AR", "argentine": "AR", "bogota": "CO", "bogotá": "CO", "colombian": "CO", "caracas": "VE",
    "venezuela": "VE", "venezuelan": "VE", "lima": "PE", "peruvian": "PE", "santiago": "CL", "chilean": "CL",
    "havana": "CU", "cuban": "CU", "jerusalem": "IL", "tel aviv": "IL", "israeli": "IL", "ramallah": "PS",
    "palestinian": "PS", "palestine": "PS", "beirut": "LB", "lebanese": "LB", "damascus": "SY", "syria": "SY",
    "syrian": "SY", "amman": "JO", "jordanian": "JO", "baghdad": "IQ", "iraqi": "IQ", "tehran": "IR",
    "iran": "IR", "iranian": "IR", "riyadh": "SA", "saudi": "SA", "sanaa": "YE", "yemeni": "YE", "doha": "QA",
    "qatari": "QA", "abu dhabi": "AE", "emirati": "AE", "cairo": "EG", "egyptian": "EG", "tripoli": "LY",
    "libyan": "LY", "tunis": "TN", "tunisian": "TN", "algiers": "DZ", "algerian": "DZ", "rabat": "MA",
    "moroccan": "MA", "khartoum": "SD", "sudanese": "SD", "addis ababa": "ET", "ethiopian": "ET",
    "nairobi": "KE", "kenyan": "KE", "kampala": "UG", "ugandan": "UG", "kigali": "RW", "rwandan": "RW",
    "kinshasa": "CD", "congolese": "CD", "abuja": "NG", "nigerian": "NG", "accra": "GH", "ghanaian": "GH",
    "pretoria": "ZA", "south african": "ZA", "harare": "ZW", "zimbabwean": "ZW", "dublin": "IE", "irish": "IE",
    "reykjavik": "IS", "icelandic": "IS", "brussels": "EU", "european union": "EU", "eu": "EU",
}  # fmt: skip
_NAMES_OF: Final = {
    "RU": "Russia",
    "EU": "European Union",
    "XK": "Kosovo",
    "US": "United States",
    "TR": "Turkey",
}


@cache
def _countries() -> dict[str, str]:
    import pycountry

    found = dict(PLACES)
    for country in pycountry.countries:
        for name in (
            country.name,
            getattr(country, "common_name", ""),
            getattr(country, "official_name", ""),
        ):
            if name:
                found.setdefault(name.split(",")[0].lower(), country.alpha_2)
    return found


def country_of(name: str) -> str | None:
    """Return the country that a name, capital or demonym stands for, or None.

    Country names come from pycountry, capitals and demonyms from `PLACES`.

    >>> country_of("Kyiv"), country_of("Russian"), country_of("the Republic of Ostria")
    ('Ukraine', 'Russia', None)
    """
    code = _countries().get(name.lower().strip())
    if code is None:
        return None
    if code in _NAMES_OF:
        return _NAMES_OF[code]
    import pycountry

    country = pycountry.countries.get(alpha_2=code)
    if country is None:
        return None
    return str(getattr(country, "common_name", country.name)).split(",")[0]


MALE_NAMES: Final = word_set(
    "aaron abdul abdullah abel abraham adam adrian adriaan ahmad ahmed alan albert alec alejandro aleksandr alessandro alex "
    "alexander alexei alfred ali alistair amir amit anders andre andreas andrei andrew andy angus anselmo anthony antoine "
    "anton antonio anwar ari arjun arkady armand arnold arthur arun asif august axel barnaby barry bart basil ben benedict "
    "benjamin bernard bernie bert bertrand bill billy björn bob boris brad bram brendan brian bruce bruno burt callum carl "
    "carlos cedric charles charlie chen chris christian christopher clement clive colin colm conor conrad craig cyril "
    "dale damian damien dan daniel danny dario darren dave david dean declan dennis derek desmond dev diego dieter dirk "
    "dmitri dmitry dominic donald doug dougal dougie duncan dwight dylan eamon earl eddie edgar edmund edward edwin eli "
    "elias elliot emil emilio emmanuel enrique eric erik ernest ernie ethan eugene evan fabian felix ferdinand fergus "
    "filip fintan floyd francesco francis francisco frank franz fred frederick gareth gary gavin geoff geoffrey george "
    "gerald gerard gianni giles giovanni glen glenn gordon graham grant greg gregor gregory guido guillermo gunnar gus guy "
    "hamid hank hans harald harold harry harvey hassan hector heinrich hendrik henri henry herbert hilario horace howard "
    "hubert hugh hugo humphrey ian ibrahim idris igor imran isaac ismail ivan ivor jack jacob jacques jago jake jakob "
    "james jamie jan jared jason javier jay jean-luc jed jeff jeffrey jens jeremy jerome jerry jerzy jesse jim jimmy joachim "
    "joaquin joe joel johan johann john johnny jon jonas jonathan jorge jose josé josef joseph josh joshua juan juhani "
    "julian julio julius justin kamal karel karim karl kasper keith ken kenneth kevin kev khalid kieran klaus konrad "
    "konstantin kurt kyle lars laszlo laurence lawrence lee len leo leon leonard leopold leroy lewis liam lionel lloyd "
    "logan lorenzo louis luc luca lucas lucian lucien ludo luigi luis luke lyle magnus malcolm manuel marc marcel marco "
    "marcus marek mario marius mark martin marty mathew mats matt matteo matthew matthias maurice max maximilian mehmet "
    "mel michael michel miguel mikael mike mikhail milan miles milo miroslav mohamed mohammad mohammed moritz moses "
    "mick murray mustafa nathan nathaniel ned neil nestor niall nicholas nicolas nigel nikolai niels nils noah noel norman "
    "oleg oliver olivier omar oscar oskar otis otto owen pablo paddy pascal patrick paul paulo pavel pedro per perran pete "
    "peter petr phil philip philippe pierre piet piotr rafael rahul raj rajesh ralph ramesh ramon randall raphael rashid "
    "rasmus ravi ray raymond reginald remy rené reuben rhys ricardo richard rick rob robert roberto robin rod roderick "
    "rodney roger roland rolf roman ron ronald rory ross roy ruben rudolf rufus rui rupert russell ryan salim sam sami "
    "samir samuel sandro sanjay sean seamus sebastian sergei sergey seth shane sid sidney silas simon solomon stan stanley stefan "
    "stephen steve steven stewart stuart sunil sven tariq ted terence terry theo theodore thomas tibor tim timothy tobias "
    "todd tom tomas tommy tony torben travis trevor tristan tyler ugo ulrich umar valentin vasily vic victor viktor "
    "vincent vladimir volodymyr wade walter warren wayne wendell werner wilfred wilhelm will william wolfgang xavier yann yusuf "
    "yuri zach zachary zoltan kofi kwame kwabena kwesi chidi emeka tunde sipho thabo tendai mandla jomo amadou "
    "ousmane ibrahima mamadou cheikh hiroshi kenji takashi akira haruto wei ming jun hyun sung minh quang rajiv "
    "vijay anil ashok deepak suresh manoj prakash vikram harish gopal mohan farid faisal nasser yousef tomasz "
    "krzysztof andrzej wojciech mateusz jiri ondrej vaclav bogdan mihai ionut gheorghe dragan zoran goran nikola dusan "
    "miro radomir halfdan tor vebjorn gijs joost pieter willem sixten leto lucius ezra levi caleb wyatt clyde hamish "
    "ewan alasdair dafydd gwilym emlyn iestyn cormac donal diarmuid padraig oisin eoin cathal brid tadhg lane teodor teofilo "
    "rui nuno joão tiago gonçalo alvaro fernando gonzalo ignacio esteban raul sergio wilmer hernan horacio duke digory ruairi "
    "amory anders aksel eirik henrik jesper morten ole petter sigurd trygve torsten ulf kristjan jukka pekka timo lev iwo pavo viktor grigol rustam vasil pol anton "
)
FEMALE_NAMES: Final = word_set(
    "abigail ada adele adriana agatha agnes agneta aisha alexandra alice alicia alina alison alma amalia amanda amara amber "
    "amelia amina amy ana anastasia andrea angela angelica anita anja ann anna annabel anne annette annick annie antonia "
    "aoife april arlene astrid audrey augusta ava barbara beata beatrice beatriz becky belinda bella bernadette bertha beth bethany "
    "betty beverley bianca birgit bonnie breda brenda brianna bridget brigitte camilla candice cara carla carmen carol "
    "carole caroline carolyn cass cassia cassandra catalina catherine cathy catriona cecilia celeste celestine celia "
    "charlotte chiara chloe christina christine ciara claire clara clare claudia claudine colleen constance cora cordelia "
    "corinne cynthia dagmar daisy daniela daphne dawn deborah debbie debra deirdre delia delphine denise diana diane dina "
    "dolores donna dora doreen doris dorothy edith edna eileen elaine eleanor elena elisa elisabeth elise eliza elizabeth "
    "ella ellen elsa elsie emilia emily emma enid erica erika erin esther estelle ethel eugenia eva eve evelyn ewa faith "
    "fatima fenella fern fiona flora florence frances francesca freda frida gabriela gabrielle gail gemma genevieve "
    "georgia georgina geraldine gertrude gillian gina gisela gladys gloria grace grainne gráinne greta gudrun gudny gwen "
    "gwendolyn hannah hanna hanne harriet hazel heather hedda heidi helen helena helga henrietta henrike hilary hilda "
    "holly ida ilda ilse imelda imogen ines inès inga ingeborg inger ingrid irena irene irina iris irma isabel isabella "
    "isabelle isla isolde ivana ivy jackie jacqueline jade jana jane janet janice jasmine jean jeanette jelena jen jenna "
    "jennifer jenny jessica jill jo joan joanna joanne jocelyn johanna josephine joy joyce judith judy julia juliana julie "
    "juliet june junie justine jutta karen karin karina kate katerina katherine kathleen kathryn kathy katie katja katrin "
    "katya kay keira kelly kelsey kerry kerstin khadija kim kirsten kirsty klara kristen kristina lara larissa laura lauren "
    "lavinia layla lea leah leanne leela leila lena lenka leona leonora lesley leticia lila lilian lily lina linda lindsey "
    "linnea lisa liv livia liz lois lola loretta lorna lorraine louise luz lucia lucinda lucy ludmila luisa lula lydia lynn "
    "mabel madeleine madeline maeve magda magdalena maggie maia maja malala mandy mara margaret margarita margery margit "
    "margot marguerite maria mariam marian marianne marie marina marion marisol marjorie marlene marta martha martina "
    "mary matilda maud maude maureen mavis may maya megan meenal mei melanie melissa mercy meredith mia michelle mildred "
    "milena mina mira mirela miriam moira molly mona monica monika muriel myra myrtle nadia nadine nancy naomi natalia "
    "natalie natasha nell nia nicola nicole nina nisha noemi noor nora norah noreen norma octavia odette odile olga olive "
    "olivia ophelia orla ottilie paige pam pamela patience patricia paula pauline pearl penelope penny petra philippa "
    "phoebe phyllis pia polly portia prisca priscilla priti priya rachel ramona rania rebecca regina renata rhona rhoda "
    "rita roberta romy rosa rosalie rosalind rose rosemary rosie roswitha rowena roxana roz ruby ruth sabina sabine sabrina sadie "
    "sally samantha sandra sara sarah saskia selma serena shanta sharon sheila shirley sigrid sigrun silvia simone sinead "
    "siobhan sofia solveig sonia sonja sophia sophie stacey stella stephanie sue sunita susan susanna susanne suzanne "
    "svetlana sybil sylvia tamara tamsin tanya tara tatiana teresa tess thea theresa tilda tina toni tracey tracy tricia ulla ulrike "
    "una ursula valentina valeria valerie vanessa vera verity veronica victoria viola violet virginia vivian vivienne wanda wendy "
    "wilhelmina wilma winifred xenia yasmin yelena yolanda yvette yvonne zara zelda zoe zofia zuzana akua ama abena "
    "adwoa ngozi chioma adaeze amaka folake wanjiru thandi nomsa lindiwe zanele fatou aminata mariama yuki sakura "
    "keiko yoko mai linh thuy lan xiu lakshmi kamala kamla meera lalita sushma anjali pooja deepa sita radha geeta "
    "indira kavita rekha farah zainab maryam laila noura huda dilnoza gulnara aigul joanna agnieszka malgorzata katarzyna "
    "edda ina zarina marta lotte ewelina jadwiga jitka ioana mihaela snezana dragana milica nevena eusebia inmaculada condoleezza bibi kirsi aino "
    "tuula sunniva ragnhild ylva gunilla candela jimena ximena rocio pilar consuelo esperanza guadalupe paloma graça "
    "fátima conceição leocadia lindiwe marisa gwyneth rhiannon sian nerys carys eluned bronwen mairead niamh roisin "
    "caoimhe saoirse eimear"
)


def gender_of_first_name(name: str) -> Gender | None:
    """Return ``"m"`` or ``"f"`` for a first name that the lists know on one side only, else None.

    >>> gender_of_first_name("Ingrid"), gender_of_first_name("Otto"), gender_of_first_name("Quenby")
    ('f', 'm', None)
    """
    key = name.lower()
    male, female = key in MALE_NAMES, key in FEMALE_NAMES
    if male == female:
        return None
    return "m" if male else "f"


def country_in(words: Iterable[str]) -> str | None:
    """Return the country that the first of ``words`` to name one stands for, or None.

    >>> country_in(["the", "ukrainian", "embassy"])
    'Ukraine'
    """
    return next((country for word in words if (country := country_of(word))), None)
