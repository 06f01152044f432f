"""What the demo shop sells: coffee and tea, kitchen, home, garden and sports. A pure function of the seed."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random

from cdp.connectors.demo.words import split


@dataclass(frozen=True)
class Category:
    code: str
    name: str
    things: tuple[str, ...]
    brands: tuple[str, ...]
    price: float
    """Euros, typical."""
    peak_month: int
    swing: float
    """How much more it sells in its peak month than on average: 0.5 is half as much again."""
    goes_with: str


@dataclass(frozen=True, slots=True)
class Product:
    id: str
    name: str
    category: str
    brand: str
    price: float
    popularity: float
    is_in_stock: bool


SERIES = split(
    "Alder Aurora Birch Breeze Cedar Clover Dune Ember Fjord Flint Granite Harbour Juniper Lagoon Larch Linden"
    " Meadow Moss Nimbus Oak Pebble Quarry Ridge Sage Summit Tide Umbra Vale Willow Zephyr"
)

CATEGORIES = (
    Category("COF", "Coffee", ("Espresso Beans 1 kg", "Filter Coffee 500 g", "Hand Grinder", "Moka Pot",
             "Espresso Cups, 4", "Drip Kettle"), ("Röstwerk", "Caffè Lago", "Northbean"), 24, 12, 0.3, "KIT"),
    Category("TEA", "Tea", ("Green Tea 250 g", "Earl Grey 250 g", "Herbal Tea 200 g", "Teapot", "Tea Strainer",
             "Tea Caddy"), ("Leaf & Stone", "Northbean", "Teehaus Ahn"), 16, 11, 0.4, "KIT"),
    Category("KIT", "Kitchen", ("Chef's Knife", "Cast Iron Pan", "Chopping Board", "Mixing Bowl", "Stock Pot",
             "Pepper Mill"), ("Kupfer & Sohn", "Hearth", "Solid"), 46, 12, 0.5, "COF"),
    Category("BED", "Bedding", ("Duvet Cover", "Linen Sheet", "Wool Blanket", "Pillow", "Bed Throw"),
             ("Schlafgut", "Hearth", "Lindgren"), 62, 1, 0.3, "LIT"),
    Category("LIT", "Lighting", ("Desk Lamp", "Floor Lamp", "Pendant Lamp", "Reading Light", "String Lights"),
             ("Lumen", "Halo", "Lindgren"), 74, 11, 0.6, "BED"),
    Category("GAR", "Garden", ("Watering Can", "Secateurs", "Planter", "Garden Chair", "Raised Bed",
             "Bird Feeder"), ("Grün", "Spade & Co", "Solid"), 38, 5, 0.9, "OUT"),
    Category("OUT", "Camping", ("Tent for Two", "Sleeping Bag", "Gas Stove", "Head Torch", "Camping Mug",
             "Sleeping Mat"), ("Nordgrat", "Trailhead", "Basecamp"), 88, 7, 0.8, "BAG"),
    Category("BAG", "Backpacks", ("Daypack 18 l", "Trekking Pack 55 l", "Commuter Bag", "Waist Pack",
             "Kids' Backpack"), ("Nordgrat", "Trailhead", "Urbane"), 79, 6, 0.5, "OUT"),
    Category("RUN", "Running", ("Running Shoes", "Trail Shoes", "Running Vest", "Running Socks, 3",
             "Wind Jacket"), ("Fleet", "Trailhead", "Pace"), 68, 4, 0.5, "CYC"),
    Category("CYC", "Cycling", ("Bicycle Helmet", "Bicycle Light Set", "Pannier", "Floor Pump", "Cycling Gloves",
             "Chain Lock"), ("Velo Union", "Pace", "Kette"), 44, 5, 0.7, "RUN"),
    Category("TOY", "Toys", ("Wooden Train", "Building Blocks", "Puzzle 1000", "Board Game", "Soft Bear",
             "Kite"), ("Holzwurm", "Spielraum", "Urbane"), 29, 12, 1.6, "STA"),
    Category("STA", "Stationery", ("Notebook A5", "Fountain Pen", "Desk Calendar", "Letter Paper", "Pencil Set"),
             ("Papier Royal", "Urbane", "Kontor"), 14, 9, 0.4, "TOY"),
)  # fmt: skip
BY_CODE = {category.code: category for category in CATEGORIES}
ITEMS_PER_CATEGORY = 26


@dataclass(frozen=True)
class Catalogue:
    products: tuple[Product, ...]
    by_category: dict[str, tuple[Product, ...]]
    cumulative: dict[str, tuple[float, ...]]
    """Running sums of popularity within each category, for drawing one."""

    def draw(self, code: str, *, brand: str = "", rng: Random) -> Product:
        """One that is popular in its category; of a favourite brand more often than not."""
        products, sums = self.by_category[code], self.cumulative[code]
        found = rng.choices(products, cum_weights=sums)[0]
        if brand and found.brand != brand:
            found = rng.choices(products, cum_weights=sums)[0]
        return found


def make_catalogue(seed: int) -> Catalogue:
    by_category = {category.code: _of_category(category, seed) for category in CATEGORIES}
    return Catalogue(
        products=tuple(product for products in by_category.values() for product in products),
        by_category=by_category,
        cumulative={
            code: tuple(accumulate(product.popularity for product in products))
            for code, products in by_category.items()
        },
    )


def _of_category(category: Category, seed: int) -> tuple[Product, ...]:
    """Popularity falls like 1/rank, as it does in shops; prices scatter around the typical one."""
    rng = Random(f"catalogue:{seed}:{category.code}")
    pairs = [(series, thing) for series in SERIES for thing in category.things]
    products = []
    for rank, (series, thing) in enumerate(rng.sample(pairs, ITEMS_PER_CATEGORY), start=1):
        euros = max(3.0, category.price * rng.lognormvariate(0, 0.4))
        products.append(
            Product(
                id=f"{category.code}-{rank:03d}",
                name=f"{series} {thing}",
                category=category.name,
                brand=rng.choice(category.brands),
                price=round(euros) - 0.1,
                popularity=1 / (rank + 2),
                is_in_stock=rng.random() > 0.04,
            )
        )
    return tuple(products)
