"""Names and codes of mineral commodities: small tables, and nothing beyond them."""

import re

from policies.claims import ClaimValue

_METALS = {
    name: slug
    for slug, names in {
        "aluminium": "aluminium aluminum",
        "antimony": "antimony",
        "beryllium": "beryllium",
        "bismuth": "bismuth",
        "chromium": "chromium chrome",
        "coal": "coal",
        "cobalt": "cobalt",
        "copper": "copper",
        "gallium": "gallium",
        "germanium": "germanium",
        "gold": "gold",
        "graphite": "graphite",
        "indium": "indium",
        "iron": "iron",
        "lead": "lead",
        "lithium": "lithium",
        "magnesium": "magnesium",
        "manganese": "manganese",
        "mercury": "mercury",
        "molybdenum": "molybdenum",
        "nickel": "nickel",
        "niobium": "niobium",
        "palladium": "palladium",
        "platinum": "platinum",
        "rhenium": "rhenium",
        "rhodium": "rhodium",
        "silver": "silver",
        "tantalum": "tantalum",
        "tin": "tin",
        "titanium": "titanium",
        "tungsten": "tungsten",
        "uranium": "uranium",
        "vanadium": "vanadium",
        "zinc": "zinc",
        "zirconium": "zirconium",
    }.items()
    for name in names.split()
}
_MINERALS = {
    "bauxite": ("bauxite", "aluminium"),
    "alumina": ("alumina", "aluminium"),
    "cassiterite": ("cassiterite", "tin"),
    "coltan": ("coltan", "tantalum"),
    "wolframite": ("wolframite", "tungsten"),
    "spodumene": ("spodumene", "lithium"),
    "lithium brine": ("lithium-brine", "lithium"),
    "natural graphite": ("natural-graphite", "graphite"),
    "synthetic graphite": ("synthetic-graphite", "graphite"),
    "artificial graphite": ("synthetic-graphite", "graphite"),
    "metallurgical coal": ("metallurgical-coal", "coal"),
    "coking coal": ("metallurgical-coal", "coal"),
    "thermal coal": ("thermal-coal", "coal"),
    "primary aluminium": ("primary-aluminium", "aluminium"),
    "recycled aluminium": ("recycled-aluminium", "aluminium"),
    "platinum group metals": ("platinum-group-metals", ""),
    "rare earths": ("rare-earths", ""),
    "rare earth elements": ("rare-earths", ""),
    "rare earth metals": ("rare-earths", ""),
}
_FORMS = {
    "ore": "ore",
    "ores": "ore",
    "concentrate": "concentrate",
    "concentrates": "concentrate",
    "cathode": "cathode",
    "cathodes": "cathode",
    "anode": "anode",
    "anodes": "anode",
    "carbonate": "carbonate",
    "hydroxide": "hydroxide",
    "oxide": "oxide",
    "sulphate": "sulphate",
    "sulfate": "sulphate",
    "matte": "matte",
    "ores and concentrates": "",
    "ore and concentrate": "",
    "metal": "",
    "": "",
}
_NOTE = re.compile(r"\s*\([^()]*\)\s*$")
_SHAPE = re.compile(r"(?:(?:raw|refined|unrefined|unwrought) )?([a-z]+)(?: ([a-z ]+))?")
_MAX_NAME = 100

_HEADINGS = {
    "2504": "natural graphite",
    "2601": "iron",
    "2602": "manganese",
    "2603": "copper",
    "2604": "nickel",
    "2605": "cobalt",
    "2606": "bauxite",
    "2607": "lead",
    "2608": "zinc",
    "2609": "tin",
    "2610": "chromium",
    "2611": "tungsten",
    "261210": "uranium",
    "2613": "molybdenum",
    "2614": "titanium",
    "261510": "zirconium",
    "261610": "silver",
    "261710": "antimony",
    "2701": "coal",
    "280530": "rare earth metals",
    "2820": "manganese",
    "2822": "cobalt",
    "282520": "lithium",
    "282540": "nickel",
    "282550": "copper",
    "283324": "nickel",
    "283325": "copper",
    "283691": "lithium carbonate",
    "2846": "rare earths",
    "380110": "artificial graphite",
    "7106": "silver",
    "7108": "gold",
    "711011": "platinum",
    "711019": "platinum",
    "711021": "palladium",
    "711029": "palladium",
    "711031": "rhodium",
    "711039": "rhodium",
    "74": "copper",
    "75": "nickel",
    "76": "aluminium",
    "78": "lead",
    "79": "zinc",
    "80": "tin",
    "8101": "tungsten",
    "8102": "molybdenum",
    "8103": "tantalum",
    "8104": "magnesium",
    "8105": "cobalt",
    "8108": "titanium",
    "8109": "zirconium",
    "8110": "antimony",
    "8111": "manganese",
}
"""Chapters, headings and subheadings of the Harmonized System 2022 that are of one material."""


def plain_name(text: str) -> ClaimValue | None:
    """Return the commodity that a plain name means, or None where it is not plain.

    Plain is a material of the table, alone or with one form of the table, such as "Copper
    Concentrate (Cu 30%)"; everything else is not guessed at.
    """
    if len(text) > _MAX_NAME:
        return None
    name = " ".join(_NOTE.sub("", text).lower().replace("-", " ").split())
    if name in _MINERALS:
        slug, material = _MINERALS[name]
        return ClaimValue(slug, within=(material,) if material else ())
    match = _SHAPE.fullmatch(name)
    if match is None or match[1] not in _METALS or (match[2] or "") not in _FORMS:
        return None
    material, form = _METALS[match[1]], _FORMS[match[2] or ""]
    return ClaimValue(f"{material}-{form}", within=(material,)) if form else ClaimValue(material)


def harmonized(digits: str) -> ClaimValue:
    """Return the commodity of a code of the Harmonized System: digits, at most six that count.

    It lies within the material that its chapter, heading or subheading is of, where it is of one.
    """
    code = digits[:6]
    for length in (6, 4, 2):
        if name := _HEADINGS.get(code[:length]) if len(code) >= length else None:
            material = plain_name(name)
            within = (material.value, *material.within) if material else ()
            return ClaimValue(f"hs:{code}", within=within)
    return ClaimValue(f"hs:{code}")
