// Where each mark stands in a frame of a given size. Tier and order come from the hub; the frame
// decides how many lie side by side, so that a full column is a block of single marks, not a line.

const ROW = 15; // pixels from one mark to the next in a column that has room
const CELL = 30; // pixels for a group
const BLOCK = 0.66; // of a column's width
const UNNAMED = 5; // marks of a block: below what carries a name until one looks closer
const FOOT = 0.4; // of the height, at most, for groups below firms

// Graph units: the frame is one high and `wide` across.
export function places(chain, width, height) {
  const wide = width / Math.max(height, 1);
  const tiers = Array.from({ length: chain.last + 1 }, () => ({ firms: [], groups: [] }));
  chain.firms.tier.forEach((tier, firm) => tiers[tier].firms.push(firm));
  chain.groups.tier.forEach((tier, group) => tiers[tier].groups.push(group));
  const where = {
    wide, columns: columns(tiers, wide),
    x: new Float64Array(chain.count), y: new Float64Array(chain.count), size: new Float64Array(chain.count),
    groups: chain.groups.tier.map(() => ({ x: 0, y: 0, size: 0 })),
  };
  tiers.forEach((tier, number) => {
    const { left, right } = where.columns[number];
    const column = { middle: (left + right) / 2, room: (right - left) * BLOCK, height, number };
    const foot = groups(chain, tier, column, where);
    firms(chain, tier.firms, column, 1 - foot, where);
  });
  return where;
}

// A fuller column is wider, but not by much: each header needs room, too.
function columns(tiers, wide) {
  const weights = tiers.map(({ firms }, number) => (number ? 1 + 0.4 * Math.log10(Math.max(1, firms.length / 100)) : 0.8));
  const all = weights.reduce((sum, each) => sum + each, 0);
  let left = 0;
  return weights.map((weight) => {
    const right = left + (weight / all) * wide;
    const column = { left, right };
    left = right;
    return column;
  });
}

function firms(chain, members, { middle, room, height, number }, free, where) {
  members.sort((a, b) => chain.firms.y[a] - chain.firms.y[b] || a - b);
  const count = members.length;
  const lanes = count * ROW <= free * height ? 1 : Math.max(2, Math.ceil(Math.sqrt((count * room) / free)));
  const step = free / Math.max(1, Math.ceil(count / lanes)), gap = room / lanes;
  const most = lanes === 1 ? 0.42 * height * step : Math.min(UNNAMED, Math.max(0.9, 0.4 * height * Math.min(step, gap)));
  members.forEach((firm, rank) => {
    const row = Math.floor(rank / lanes), lane = rank % lanes;
    where.x[firm] = middle + (lanes > 1 ? (lane - (lanes - 1) / 2 + (row % 2 ? 0.25 : -0.25)) * gap : 0);
    where.y[firm] = 1 - (row + 0.5) * step;
    where.size[firm] = number ? Math.min(most, weight(chain, firm, number)) : 13;
  });
}

// Places groups at the foot of their column, and says how much of the height they take.
function groups(chain, tier, { middle, room, height }, where) {
  const count = tier.groups.length;
  if (!count) return 0;
  const most = tier.firms.length ? FOOT : 1;
  let across = Math.max(1, Math.floor((room * height) / CELL));
  let foot = (Math.ceil(count / across) * CELL + 10) / height;
  if (foot > most) {
    across = Math.max(across, Math.ceil(Math.sqrt((count * room) / most)));
    foot = most;
  }
  across = Math.min(across, count);
  const rows = Math.ceil(count / across), step = foot / rows, gap = room / Math.max(across, 3);
  const largest = 0.45 * height * Math.min(step, gap);
  tier.groups.forEach((group, rank) => {
    const row = Math.floor(rank / across), there = Math.min(across, count - row * across);
    where.groups[group] = {
      x: middle + ((rank % across) - (there - 1) / 2) * gap,
      y: foot - (row + 0.5) * step,
      size: Math.min(largest, 9 + Math.sqrt(chain.groups.firms[group] || 1) / 1.5, 16),
    };
  });
  return tier.firms.length ? foot : 1;
}

// Nearer firms are larger, and so are those with more suppliers.
function weight(chain, firm, tier) {
  return Math.min(9, ([13, 6, 5.3][tier] ?? 5.3) + Math.sqrt(chain.firms.suppliers[firm]) / 2);
}
