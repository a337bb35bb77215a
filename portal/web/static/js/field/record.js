// How a visit stands in this device: what the server told, and what was sealed here since.
const off = (answer) => answer.deductions.reduce((sum, each) => sum + Number(each.points), 0);
export const same = (one, other) => one.verdict === other.verdict && off(one) === off(other);

function ownAnswers(entries) {
  const latest = {};
  for (const entry of [...entries].sort((a, b) => a.seq - b.seq)) {
    if (entry.said.kind === "answer" && entry.status !== "refused" && !entry.fault) latest[entry.item] = entry;
  }
  return latest;
}

// Item by item: the own answer, the others', what is open between them, and where the own one is on its way.
export function standing(visit, entries) {
  const latest = ownAnswers(entries);
  const found = {};
  for (const { key } of visit.list.items) {
    const told = visit.items[key] ?? { sides: [] };
    const here = latest[key];
    const there = told.sides.find((side) => side.own);
    const mine = here ? { ...here.said, digest: here.digest, at: here.at } : there;
    const others = told.sides.filter((side) => !side.own);
    const known = here && told.sides.some((side) => side.digest === here.digest);
    const named = new Set(here?.said.settles ?? []);
    const differing = mine ? others.filter((side) => !same(side, mine)) : [];
    const open = known || !here ? Boolean(told.contested) : differing.some((side) => !named.has(side.digest));
    found[key] = { mine, others, contested: open, settled: known && told.settled, entry: here, answer: mine ?? others[0] };
  }
  return found;
}

export function shown(visit, stand) {
  const asked = new Set();
  for (const item of [...visit.list.items].sort((a, b) => a.number - b.number)) {
    const when = item.shown_when;
    if (!when || (asked.has(when.item) && when.verdicts.includes(stand[when.item]?.answer?.verdict))) asked.add(item.key);
  }
  return visit.list.items.filter((item) => asked.has(item.key));
}

// Everything a signature given now stands under: each person's latest word on every item.
export function named(stand) {
  const digests = Object.values(stand).flatMap(({ mine, others }) => [mine, ...others].filter(Boolean).map((side) => side.digest));
  return [...new Set(digests)].sort();
}

export function signatures(visit, entries) {
  // One that was sent a moment ago may stand in neither list or in both.
  const told = new Set(visit.signatures.map((one) => one.digest));
  const here = entries
    .filter((entry) => entry.said.kind === "signature" && entry.status !== "refused" && !entry.fault && !told.has(entry.digest))
    .map((entry) => ({ ...entry.said, at: entry.at, own: true }));
  return [...visit.signatures, ...here];
}

// What the server will ask of an answer, before it is sealed: the first thing missing, by its word.
export function lacking(item, answer) {
  if (!answer.verdict) return "choose";
  const short = answer.verdict === "partly" || answer.verdict === "not_met";
  if (item.points) {
    for (const { points, reason } of answer.deductions) {
      if (!/^\d{1,3}(\.\d)?$/.test(points) || Number(points) <= 0 || Number(points) > Number(item.points)) return "points";
      if (!reason) return "reason";
    }
    if (short && !answer.deductions.length) return "deduct";
  } else if (short && !answer.note) return "note";
  return "";
}
