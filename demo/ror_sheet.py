#!/usr/bin/env python3
"""Makes a sheet of organisations from the records of the Research Organization Registry.

    python3 demo/ror_sheet.py <ror records>.jsonl.zst organisations.csv

The sheet has the columns of `organisation register` and goes through the ordinary import. Input: one JSON
object a line (id, name, labels, types, status, established, country, region, city, lat, lng, links,
release), packed with zstd; the `zstd` command unpacks it. ROR data is CC0; places come from GeoNames
(CC BY 4.0), which the column `source` says. Nothing is invented: what a record does not say stays empty.
"""

import csv
import json
import pathlib
import re
import subprocess
import sys

COLUMNS = ["name.zh", "name.en", "kind", "region", "ror", "place", "website", "established", "source"]
REGIONS = pathlib.Path(__file__).parent.parent / "crates" / "grammar" / "data" / "regions.tsv"
WHOLE_COUNTRY = "000000"

# The first of a record's types that is here decides. A body that only gives money is none of our kinds.
KINDS = [
    ("education", "university"),
    ("healthcare", "hospital"),
    ("archive", "archive"),
    ("company", "enterprise"),
    ("government", "government"),
    ("facility", "institute"),
    ("nonprofit", "association"),
]
LABORATORY = re.compile(r"laborator(y|ies)\b|实验室", re.IGNORECASE)
CHINESE = {"CN", "HK", "MO", "TW"}
HAN = re.compile(r"[\u3400-\u9fff]")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]+")
NAME_MAX, WEBSITE_MAX = 200, 300


def letters(name):
    """A place name as it is compared: `Xi'an` and `Xian` are one."""
    return re.sub(r"[^a-z]", "", name.lower())


def regions():
    """Provinces by name, and cities by (province, name)."""
    provinces, cities = {}, {}
    for line in REGIONS.read_text(encoding="utf-8").splitlines():
        code, _, english = line.split("\t")[:3]
        if code.endswith("0000"):
            provinces[letters(english)] = code
        elif code.endswith("00"):
            cities[code[:2], letters(english)] = code
    return provinces, cities


def region_of(record, provinces, cities):
    if record["country"] != "CN":
        return WHOLE_COUNTRY
    province = provinces.get(letters(record.get("region") or record["city"]))
    if province is None:
        return WHOLE_COUNTRY
    return cities.get((province[:2], letters(record["city"])), province)


def kind_of(record, names):
    types = record["types"]
    if "facility" in types and any(LABORATORY.search(name) for name in names):
        return "laboratory"
    return next((kind for type_, kind in KINDS if type_ in types), "other")


def tidy(text):
    return " ".join(CONTROL.sub(" ", text).split())


def name_in(record, language):
    """The label of a language, the one shown first; never an alias or an acronym."""
    labels = [label for label in record.get("labels", []) if label["lang"] == language]
    shown = [label["value"] for label in labels if "ror_display" in label["types"]]
    plain = [label["value"] for label in labels if "label" in label["types"]]
    return tidy(next(iter(shown + plain), ""))


def shortened(name):
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - 1] + "…"


def guarded(text):
    """What a spreadsheet would run as a formula stands behind an apostrophe, as in our own exports."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") and not re.fullmatch(r"-?[\d.,-]+", text) else text


def row_of(record, provinces, cities):
    zh, en = name_in(record, "zh"), name_in(record, "en")
    if not zh and not en:
        # The only name may be in any language; it belongs where a reader would look for it.
        name = tidy(record["name"])
        is_chinese = HAN.search(name) and record["country"] in CHINESE
        zh, en = (name, "") if is_chinese else ("", name)
    website = next((link for link in record.get("links") or [] if len(link) <= WEBSITE_MAX), "")
    status = "" if record["status"] == "active" else f", {record['status']}"
    row = [
        shortened(zh),
        shortened(en),
        kind_of(record, [zh, en]),
        region_of(record, provinces, cities),
        record["id"].rsplit("/", 1)[-1],
        f"{record['lat']},{record['lng']}",
        tidy(website),
        str(record.get("established") or ""),
        f"ROR {record['release']} (CC0{status}); place: GeoNames (CC BY 4.0)",
    ]
    return [guarded(cell) for cell in row]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = sys.argv[1:]
    provinces, cities = regions()
    count = 0
    with subprocess.Popen(["zstd", "-dc", source], stdout=subprocess.PIPE) as unpacked:
        with open(target, "w", encoding="utf-8-sig", newline="") as sheet:
            writer = csv.writer(sheet)
            writer.writerow(COLUMNS)
            for line in unpacked.stdout:
                writer.writerow(row_of(json.loads(line), provinces, cities))
                count += 1
    if unpacked.returncode != 0:
        sys.exit("zstd could not unpack the records")
    print(f"{count} organisations")


if __name__ == "__main__":
    main()
