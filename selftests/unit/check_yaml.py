#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Check uapi/fwload.yaml: against the kernel's schema, and against the headers.

Usage: check_yaml.py SCHEMA

SCHEMA is Documentation/netlink/genetlink.yaml of a kernel source tree. The headers are read
as text, by their enums and defines, since what is to be found is a number that differs.
Prints KTAP; the exit status is 0 when nothing differs.
"""

import os
import re
import sys

import jsonschema
import yaml

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def read(name):
    """A header of uapi/linux without its comments."""
    with open(os.path.join(TOP, "uapi", "linux", name), encoding="ascii") as header:
        return re.sub(r"/\*.*?\*/", "", header.read(), flags=re.DOTALL)


def header_enum(text, name, prefix):
    """The members of an enum, {name in the spec: value}, without UNSPEC and __MAX."""
    body = re.search(r"enum %s \{(.*?)\};" % name, text, re.DOTALL).group(1)
    members, value = {}, -1
    for member in filter(None, (m.strip() for m in body.split(","))):
        key, _, given = (part.strip() for part in member.partition("="))
        value = int(given, 0) if given else value + 1
        if not key.startswith("__") and key != prefix + "UNSPEC":
            members[key.removeprefix(prefix).lower().replace("_", "-")] = value
    return members


def header_flags(text, prefix):
    """Defines of one prefix but for the mask of all, {name in the spec: value}."""
    found = re.findall(r"#define\s+%s(\w+)\s+(0x[0-9a-f]+)" % prefix, text)
    return {key.lower().replace("_", "-"): int(value, 0)
            for key, value in found if key != "ALL"}


def header_define(text, name):
    return re.search(r"#define\s+%s\s+(\S+)" % name, text).group(1)


def numbered(items, start):
    """{name: value} of a list in the spec, where a value is given or counted up."""
    numbers, value = {}, start - 1
    for item in items:
        if isinstance(item, str):
            item = {"name": item}
        value = item.get("value", value + 1)
        numbers[item["name"]] = value
    return numbers


def spec_definition(spec, name):
    """The members of an enum of the spec, or of flags as masks."""
    found = next(d for d in spec["definitions"] if d["name"] == name)
    numbers = numbered(found["entries"], found.get("value-start", 0))
    if found["type"] == "flags":
        return {key: 1 << value for key, value in numbers.items()}
    return numbers


def attribute_set(spec, name):
    return next(s for s in spec["attribute-sets"] if s["name"] == name)


def names_known(spec):
    """Every attribute that an operation or a subset names is there."""
    known = {a["name"] for a in attribute_set(spec, "fwload")["attributes"]}
    used = set()
    for subset in spec["attribute-sets"][1:]:
        used |= {a["name"] for a in subset["attributes"]}
    for operation in spec["operations"]["list"]:
        used |= set(operation.get("event", {}).get("attributes", []))
        for kind in ("do", "dump"):
            for message in operation.get(kind, {}).values():
                used |= set(message.get("attributes", []))
    return used - known, set()


def comparisons(spec):
    """(what, what the spec says, what it should say) for each test."""
    protocol, image = read("fwload.h"), read("fwload_image.h")
    attributes = attribute_set(spec, "fwload")["attributes"]
    yield ("commands", numbered(spec["operations"]["list"], 1),
           header_enum(protocol, "fwload_cmd", "FWLOAD_CMD_"))
    yield ("attributes", numbered(attributes, 1),
           header_enum(protocol, "fwload_attr", "FWLOAD_A_"))
    for name, enum, prefix in (("family", "fwload_family", "FWLOAD_FAMILY_"),
                               ("table-type", "fwload_table_type", "FWLOAD_TABLE_"),
                               ("hook", "fwload_hook", "FWLOAD_HOOK_"),
                               ("policy", "fwload_policy", "FWLOAD_POLICY_")):
        yield "enum " + name, spec_definition(spec, name), header_enum(image, enum, prefix)
    for name, prefix in (("commit-flags", "FWLOAD_COMMIT_"),
                         ("get-image-flags", "FWLOAD_GET_IMAGE_")):
        yield name, spec_definition(spec, name), header_flags(protocol, prefix)
    longest = next(d for d in spec["definitions"] if d["name"] == "chain-name-max")
    yield ("length of names", longest["value"],
           int(header_define(image, "FWLOAD_CHAIN_NAME_MAX")))
    yield ("name of the family", '"%s"' % spec["name"],
           header_define(protocol, "FWLOAD_FAMILY_NAME"))
    yield ("name of the group", '"%s"' % spec["mcast-groups"]["list"][0]["name"],
           header_define(protocol, "FWLOAD_MCGRP_EVENTS"))
    yield ("attributes that operations name", *names_known(spec))


def schema_complaints(spec, schema):
    validator = jsonschema.Draft7Validator(schema)
    return [f"{'/'.join(map(str, e.path))}: {e.message}" for e in validator.iter_errors(spec)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(os.path.join(TOP, "uapi", "fwload.yaml"), encoding="ascii") as file:
        spec = yaml.safe_load(file)
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = yaml.safe_load(file)
    results = [("schema", schema_complaints(spec, schema), [])]
    results += comparisons(spec)

    print("KTAP version 1")
    print(f"1..{len(results)}")
    failed = 0
    for number, (what, got, expected) in enumerate(results, 1):
        if got != expected:
            failed += 1
            print(f"# the spec: {got}")
            print(f"# expected: {expected}")
        print(f"{'ok' if got == expected else 'not ok'} {number} {what}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
