// Where each mark stands in a frame of a given size. Tier and order come from the hub; the frame
// decides how many lie side by side, so that a full column is a block of single marks, not a line.

const ROW = 15; // pixels from one mark to the next in a column that has room
const CROWD_ROW = 34;
const WIDEST = 0.62; // of a column

// Graph units: the frame is one high and `wide` across.
export function places(chain, width, height) {
  const wide = width / Math.max(height, 1);
  const column = wide / (chain.last + 1);
  const x = new Float64Array(chain.count), y = new Float64Array(chain.count);
  const size = new Float64Array(chain.count);
  const groups = chain.groups.tier.map(() => [0, 0]);
  const byTier = Array.from({ length: chain.last + 1 }, () => ({ firms: [], groups: [] }));
  chain.firms.tier.forEach((tier, firm) => byTier[tier].firms.push(firm));
  chain.groups.tier.forEach((tier, group) => byTier[tier].groups.push(group));
  byTier.forEach((tier, number) => {
    const middle = (number + 0.5) * column;
    const room = column * WIDEST;
    const base = band(tier, number, height, room);
    tier.firms.sort((a, b) => chain.firms.y[a] - chain.firms.y[b] || a - b);
    const firms = tier.firms.length, free = 1 - base;
    const lanes = firms * ROW <= free * height ? 1 : Math.max(2, Math.ceil(Math.sqrt((firms * room) / free)));
    const rows = Math.ceil(firms / lanes), step = free / Math.max(1, rows), gap = room / lanes;
    const most = Math.max(0.9, 0.42 * height * Math.min(step, lanes > 1 ? gap : step));
    tier.firms.forEach((firm, rank) => {
      const row = Math.floor(rank / lanes), lane = rank % lanes;
      const shift = lanes > 1 ? (lane - (lanes - 1) / 2 + (row % 2 ? 0.25 : -0.25)) * gap : 0;
      x[firm] = middle + shift;
      y[firm] = 1 - (row + 0.5) * step;
      size[firm] = number === 0 ? 13 : Math.min(most, weight(chain, firm, number));
    });
    const across = Math.max(1, Math.floor((room * height) / CROWD_ROW));
    tier.groups.forEach((group, rank) => {
      const row = Math.floor(rank / across), there = Math.min(across, tier.groups.length - row * across);
      const rowsOf = Math.ceil(tier.groups.length / across);
      groups[group] = [
        middle + ((rank % across) - (there - 1) / 2) * (room / across),
        base * (1 - (row + 0.5) / rowsOf),
      ];
    });
  });
  return { wide, column, x, y, size, groups };
}

// How much of the height the groups of a column take, at its foot.
function band(tier, number, height, room) {
  if (!tier.groups.length) return 0;
  if (!tier.firms.length) return 1;
  const across = Math.max(1, Math.floor((room * height) / CROWD_ROW));
  return Math.min(0.4, (Math.ceil(tier.groups.length / across) * CROWD_ROW + 12) / height);
}

// Nearer firms are larger, and so are those with more suppliers.
function weight(chain, firm, tier) {
  return Math.min(9, ([13, 6, 4.6][tier] ?? 3.8) + Math.sqrt(chain.firms.suppliers[firm]) / 2);
}
