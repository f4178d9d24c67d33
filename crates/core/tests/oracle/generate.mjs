// Prints what Google's libphonenumber says about its example numbers: see README.md.

import lib from "google-libphonenumber";

const util = lib.PhoneNumberUtil.getInstance();
const { PhoneNumberFormat: Format, PhoneNumberType: Type } = lib;
const TYPES = Object.entries(Type).filter(([, value]) => value >= 0);

function row(region, kind, number) {
  const text = (format) => util.format(number, format);
  const fields = [
    region,
    kind,
    region === "001" ? "" : text(Format.NATIONAL),
    text(Format.INTERNATIONAL),
    text(Format.E164),
    util.isValidNumber(number) ? "valid" : "invalid",
  ];
  console.log(fields.join("\t"));
}

// The example with one digit less or more; what cannot be parsed is left out.
function* damaged(example) {
  const code = `+${example.getCountryCode()}`;
  const digits = util.getNationalSignificantNumber(example);
  for (const [kind, text] of [["SHORT", digits.slice(0, -1)], ["LONG", `${digits}5`]]) {
    try {
      yield [kind, util.parse(code + text)];
    } catch {
      // Refused: there is nothing to compare.
    }
  }
}

console.log(["region", "type", "national", "international", "e164", "validity"].join("\t"));
for (const region of [...util.getSupportedRegions()].sort()) {
  const seen = new Set();
  for (const [name, type] of TYPES) {
    const example = util.getExampleNumberForType(region, type);
    const e164 = example && util.format(example, Format.E164);
    if (!example || seen.has(e164)) continue;
    seen.add(e164);
    row(region, name, example);
    if (type !== Type.FIXED_LINE && type !== Type.MOBILE) continue;
    for (const [kind, number] of damaged(example)) row(region, `${name}_${kind}`, number);
  }
}
for (const code of util.getSupportedGlobalNetworkCallingCodes()) {
  row("001", "NETWORK", util.getExampleNumberForNonGeoEntity(code));
}
