// What is asked for, kept in the address: shareable, and the back button works.

const OWN = new Set(["q", "by", "firm", "steps", "way", "rest", "page", "lead", "scenario"]);

export function read(names) {
  const address = new URLSearchParams(location.search);
  const filters = new Map();
  for (const name of new Set(address.keys())) {
    const codes = address.getAll(name).filter(Boolean);
    if (!OWN.has(name) && names.has(name) && codes.length) filters.set(name, new Set(codes));
  }
  return {
    scenario: address.get("scenario") || "", // stays, whatever else is asked
    q: address.get("q") || "",
    filters,
    by: address.get("by") || "",
    firm: Number(address.get("firm")) || null,
    steps: Math.min(3, Math.max(1, Number(address.get("steps")) || 1)),
    way: address.get("way") === "1",
    rest: address.get("rest") === "hidden",
    page: Number(address.get("page")) || 1,
  };
}

export function address(asked, lead) {
  const words = new URLSearchParams({ lead });
  if (asked.scenario) words.set("scenario", asked.scenario);
  if (asked.q) words.set("q", asked.q);
  for (const [name, codes] of asked.filters) for (const code of codes) words.append(name, code);
  if (asked.by) words.set("by", asked.by);
  if (asked.rest) words.set("rest", "hidden");
  if (asked.firm) {
    words.set("firm", asked.firm);
    if (asked.way) words.set("way", "1");
    else if (asked.steps > 1) words.set("steps", asked.steps);
  }
  if (asked.page > 1) words.set("page", asked.page);
  return `${location.pathname}?${words}`;
}

export const narrowed = (asked) => Boolean(asked.q || asked.filters.size);
