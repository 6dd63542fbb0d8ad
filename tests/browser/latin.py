"""What may stand in Latin letters on a Chinese page: names, codes of the trade, kinds of files."""

from mediation.desk.people import DEMO
from mediation.simulation.demo import BUYERS, SELLERS

PEOPLE = {word for row in DEMO for word in row[:3]} | {*BUYERS, *SELLERS, "ivy", "ida"}
MARKETS = {"bazaar", "silkroad", "demo", "sandbox"}
TRADE = {"cny", "utc", "sku", "pdf", "csv", "sha", "toml", "default", "kb", "jpg", "zip"}
REGIONS = {"cn-sc"}  # by their codes in ISO 3166-2
SCREEN = {"mediation", "english", "en", "zh-hans", "esc"}  # how to switch the language, a key

LATIN = {word.lower() for word in PEOPLE | MARKETS | TRADE | REGIONS | SCREEN}
