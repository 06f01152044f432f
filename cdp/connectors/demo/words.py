"""Names and places of the demo shop's people. Domains end in .example and phone numbers lie in ranges that
regulators keep for fiction (BNetzA, Ofcom, ARCEP, NANPA), so that nothing sent to them reaches anybody."""

from dataclasses import dataclass

MAIL_DOMAINS = ("post.example", "mailbox.example", "webmail.example", "quickmail.example", "home.example")

NICKNAMES = {
    "Alexander": ("Alex", "Sascha"),
    "Andreas": ("Andi",),
    "Benjamin": ("Ben", "Benny"),
    "Charlotte": ("Charlie", "Lotte"),
    "Christine": ("Chris", "Tina"),
    "Daniel": ("Dan", "Danny"),
    "Elisabeth": ("Lisa", "Elli"),
    "Elizabeth": ("Liz", "Beth"),
    "Franziska": ("Franzi",),
    "Frédéric": ("Fred",),
    "Gabriele": ("Gabi",),
    "Geneviève": ("Gene",),
    "James": ("Jim", "Jamie"),
    "Jennifer": ("Jenny", "Jen"),
    "Johannes": ("Hannes", "Jo"),
    "Katharina": ("Kathi", "Käthe"),
    "Katherine": ("Kate", "Kathy"),
    "Margaret": ("Maggie", "Peggy"),
    "Matthew": ("Matt",),
    "Maximilian": ("Max",),
    "Michael": ("Mike", "Michi"),
    "Nicolas": ("Nico",),
    "Patricia": ("Pat", "Trish"),
    "Robert": ("Bob", "Rob"),
    "Sebastian": ("Basti", "Seb"),
    "Stefanie": ("Steffi",),
    "Susanne": ("Susi",),
    "Theodore": ("Ted", "Theo"),
    "Thomas": ("Tom",),
    "Ulrich": ("Uli",),
    "Véronique": ("Véro",),
    "Wilhelm": ("Willi",),
    "William": ("Bill", "Will"),
    "Francisco": ("Paco",),
    "José": ("Pepe",),
    "Γεώργιος": ("Γιώργος",),
}

ROMAN = {
    "Γεώργιος": "Georgios",
    "Δημήτρης": "Dimitris",
    "Ελένη": "Eleni",
    "Μαρία": "Maria",
    "Κωνσταντίνος": "Konstantinos",
    "Παπαδόπουλος": "Papadopoulos",
    "Οικονόμου": "Oikonomou",
    "Νικολαΐδης": "Nikolaidis",
    "Γεωργίου": "Georgiou",
    "Αγγελόπουλος": "Angelopoulos",
}
"""How names in Greek letters are written where only Latin ones can be typed."""


@dataclass(frozen=True)
class City:
    name: str
    postcode: str
    """Its first digits."""
    time_zone: str


@dataclass(frozen=True)
class Country:
    code: str
    locale: str
    share: float
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[City, ...]
    postcode_digits: int
    phone_prefixes: tuple[str, ...]
    """In international form, up to the digits that are kept for fiction; empty where none are kept."""
    phone_digits: int = 3


def split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DE = Country(
    code="DE",
    locale="de-DE",
    share=0.46,
    first_names=split(
        "Alexander Andreas Anna Benjamin Birgit Charlotte Christine Claudia Daniel Elisabeth Emma Felix"
        " Franziska Gabriele Hannah Heike Jonas Johannes Jürgen Katharina Klaus Laura Lena Leon Lukas Marie"
        " Markus Maximilian Michael Monika Niklas Paul Petra Sabine Sebastian Stefanie Susanne Thomas Ulrich"
        " Ursula Uwe Wilhelm"
    ),
    last_names=split(
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter"
        " Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner"
        " Krause Meier Lehmann Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller"
        " Weiß Jung Hahn Vogel Friedrich Keller Günther Winkler Lorenz Baumann Böhm Ludwig Simon"
    ),
    streets=(
        *("Hauptstraße", "Bahnhofstraße", "Gartenstraße", "Schulstraße", "Lindenstraße", "Bergstraße"),
        *("Birkenweg", "Goethestraße", "Mozartstraße", "Am Mühlbach", "Ringstraße", "Rosenweg", "Kirchplatz"),
    ),
    cities=(
        City("Berlin", "10", "Europe/Berlin"),
        City("Hamburg", "20", "Europe/Berlin"),
        City("München", "80", "Europe/Berlin"),
        City("Köln", "50", "Europe/Berlin"),
        City("Leipzig", "04", "Europe/Berlin"),
        City("Freiburg", "79", "Europe/Berlin"),
    ),
    postcode_digits=5,
    phone_prefixes=("+493023125", "+492214710", "+494066969", "+498999998", "+496990009"),
)
GB = Country(
    code="GB",
    locale="en-GB",
    share=0.2,
    first_names=split(
        "Amelia Benjamin Charlotte Chloe Daniel Elizabeth Emily George Grace Harry Isla Jack James Jennifer"
        " Katherine Lily Lucy Margaret Matthew Michael Oliver Olivia Patricia Robert Sophie Theodore Thomas"
        " William"
    ),
    last_names=split(
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker Robinson Thompson White"
        " Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Clark Turner Hill Scott Cooper"
        " Morris Ward Moore King Watson Baker Harrison Morgan Allen O'Brien Kelly Shaw Khan"
    ),
    streets=(
        *("High Street", "Station Road", "Church Lane", "Victoria Road", "Park Avenue", "Mill Lane"),
        *("Queens Road", "The Crescent", "Kings Drive", "Orchard Close", "Albert Street"),
    ),
    cities=(
        City("London", "SW", "Europe/London"),
        City("Leeds", "LS", "Europe/London"),
        City("Sheffield", "S", "Europe/London"),
        City("Edinburgh", "EH", "Europe/London"),
        City("Bristol", "BS", "Europe/London"),
    ),
    postcode_digits=0,
    phone_prefixes=(
        *("+447700900", "+442079460", "+441134960", "+441144960", "+441154960", "+441164960"),
        *("+441174960", "+441184960", "+441214960", "+441314960", "+441414960", "+441514960", "+441614960"),
    ),
)
FR = Country(
    code="FR",
    locale="fr-FR",
    share=0.14,
    first_names=split(
        "Amélie Camille Chloé Claire Émile Frédéric Geneviève Hugo Inès Jean Jules Julie Léa Louis Manon Marie"
        " Mathilde Nicolas Pierre Sophie Théo Véronique Zoé"
    ),
    last_names=split(
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel"
        " Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont Lambert Bonnet François"
        " Martinez Legrand"
    ),
    streets=("rue de la Gare", "avenue Victor Hugo", "rue des Écoles", "place du Marché", "rue Pasteur"),
    cities=(
        City("Paris", "75", "Europe/Paris"),
        City("Lyon", "69", "Europe/Paris"),
        City("Strasbourg", "67", "Europe/Paris"),
        City("Nantes", "44", "Europe/Paris"),
    ),
    postcode_digits=5,
    phone_prefixes=("+3363998", "+3319900", "+3326191", "+3335301"),
    phone_digits=4,
)
US = Country(
    code="US",
    locale="en-US",
    share=0.12,
    first_names=split(
        "Ashley Benjamin Daniel Elizabeth Emily Ethan Jacob James Jennifer Jessica Joshua Linda Madison"
        " Margaret Matthew Michael Nicolas Olivia Patricia Robert Sarah Theodore Thomas William"
    ),
    last_names=split(
        "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez"
        " Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Nguyen Clark Young"
    ),
    streets=("Main Street", "Oak Avenue", "Maple Drive", "2nd Street", "Washington Boulevard", "Cedar Lane"),
    cities=(
        City("New York", "10", "America/New_York"),
        City("Chicago", "60", "America/Chicago"),
        City("Denver", "80", "America/Denver"),
        City("Seattle", "98", "America/Los_Angeles"),
    ),
    postcode_digits=5,
    phone_prefixes=tuple(f"+1{area}55501" for area in ("212", "312", "303", "206", "718", "773", "720", "425")),
    phone_digits=2,
)
ES = Country(
    code="ES",
    locale="es-ES",
    share=0.05,
    first_names=split("Alejandro Carmen Francisco Javier José Lucía María Marta Pablo Sofía"),
    last_names=split("García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Díaz Núñez"),
    streets=("calle Mayor", "avenida de la Constitución", "calle Real", "plaza de España"),
    cities=(City("Madrid", "28", "Europe/Madrid"), City("Sevilla", "41", "Europe/Madrid")),
    postcode_digits=5,
    phone_prefixes=(),
)
GR = Country(
    code="GR",
    locale="el-GR",
    share=0.03,
    first_names=("Γεώργιος", "Δημήτρης", "Ελένη", "Μαρία", "Κωνσταντίνος"),
    last_names=("Παπαδόπουλος", "Οικονόμου", "Νικολαΐδης", "Γεωργίου", "Αγγελόπουλος"),
    streets=("Ermou", "Patission", "Egnatia"),
    cities=(City("Athina", "10", "Europe/Athens"), City("Thessaloniki", "54", "Europe/Athens")),
    postcode_digits=5,
    phone_prefixes=(),
)
COUNTRIES = (DE, GB, FR, US, ES, GR)
