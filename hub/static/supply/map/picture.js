// The whole map as a picture, with title, counts, columns and legend: to keep, and to print.
import { CROWD, FONT, LINES, paint, rgba } from "./look.js";
import { Scene } from "./scene.js";
import { saying } from "./heads.js";
import { counts } from "./legend.js";

const WIDTH = 1800, HEIGHT = 1040, EDGE = 48, INK = "#1e2124", SOFT = "#464c53";

// Draws the whole chain once more, in a frame of its own that nobody sees, and takes its picture.
function drawing(chain, words, now) {
  const box = document.createElement("div");
  box.style.cssText = `position: fixed; left: -9999px; top: 0; width: ${WIDTH - 2 * EDGE}px; height: ${HEIGHT}px;`;
  document.body.append(box);
  const taken = document.createElement("canvas");
  let scene = null;
  try {
    scene = new Scene(box, chain, words, now);
    const stage = scene.renderer.getStageCanvas();
    const take = () => {
      taken.width = stage.width;
      taken.height = stage.height;
      taken.getContext("2d").drawImage(stage, 0, 0);
    };
    scene.on("afterRender", take);
    scene.renderer.refresh(); // the second drawing has all letters
    const columns = Array.from({ length: chain.last + 1 }, (_, tier) => scene.column(tier));
    return { taken, columns };
  } finally {
    scene?.kill();
    box.remove();
  }
}

function keys(chain, measure, now, words) {
  const found = counts(chain, measure, now.fits);
  const marks = measure.classes.map((each, index) => ({ ...each, text: each.label, count: found[index] })).filter((each) => each.count);
  if (chain.groups.tier.length) marks.push({ shape: "circle", color: CROWD, text: words.crowd });
  const used = chain.standings.map((_, standing) => chain.links.standing.reduce((sum, each) => sum + (each === standing ? 1 : 0), 0));
  const lines = chain.standings.map((each, index) => ({ line: each.code, text: each.label, count: used[index] })).filter((each) => each.count);
  return [...marks, ...lines];
}

const told = ({ text, count }) => (count === undefined ? text : `${text} ${count.toLocaleString("ko-KR")}`);

// Where each key goes: one after another, a new line where the picture ends.
function rows(context, entries) {
  let [x, y] = [EDGE, 0];
  return entries.map((each) => {
    const wide = (each.line ? 56 : 28) + context.measureText(told(each)).width + 30;
    if (x + wide > WIDTH - EDGE) { x = EDGE; y += 32; }
    const at = { ...each, x, y };
    x += wide;
    return at;
  });
}

export function picture(chain, words, now, measure, said) {
  const { taken, columns } = drawing(chain, words, now);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.font = `18px ${FONT}`;
  const placed = rows(context, keys(chain, measure, now, words));
  const top = 178, legend = top + HEIGHT + 56;
  canvas.width = WIDTH;
  canvas.height = legend + (placed.at(-1)?.y || 0) + 84;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  head(context, words, said);
  columns.forEach(({ left, right, middle }, tier) => {
    context.fillStyle = tier % 2 ? "#fff" : "#f6f7f9";
    context.fillRect(EDGE + left, top - 50, right - left, HEIGHT + 50);
    const [name, ...found] = saying(words, tier, said.rows[tier], now.narrowed);
    context.textAlign = "center";
    context.fillStyle = INK;
    context.font = `700 20px ${FONT}`;
    context.fillText(name, EDGE + middle, top - 26);
    context.font = `16px ${FONT}`;
    context.fillStyle = SOFT;
    context.fillText(found.join(" · "), EDGE + middle, top - 5, right - left - 8);
  });
  context.textAlign = "left";
  context.drawImage(taken, EDGE, top, WIDTH - 2 * EDGE, HEIGHT);
  context.font = `700 18px ${FONT}`;
  context.fillStyle = INK;
  context.fillText(measure.title, EDGE, legend - 24);
  context.font = `18px ${FONT}`;
  for (const each of placed) key(context, each, legend + each.y);
  return canvas;
}

function head(context, words, { title, lines }) {
  context.fillStyle = INK;
  context.font = `700 34px ${FONT}`;
  context.fillText(title, EDGE, 56);
  context.font = `18px ${FONT}`;
  context.fillStyle = SOFT;
  lines.forEach((each, index) => context.fillText(each, EDGE, 88 + index * 25, WIDTH - 2 * EDGE));
  context.textAlign = "right";
  context.fillText(words.hub, WIDTH - EDGE, 56);
  context.textAlign = "left";
}

function key(context, each, base) {
  const y = base + 12;
  if (each.line) {
    const { rgb, dash, gap, size } = LINES[each.line];
    context.strokeStyle = rgba(rgb, 1);
    context.lineWidth = 1.6 + size;
    context.setLineDash(gap ? [dash, gap] : []);
    context.beginPath();
    context.moveTo(each.x, y);
    context.lineTo(each.x + 44, y);
    context.stroke();
    context.setLineDash([]);
  } else paint(context, each.shape, each.color, each.x + 10, y, 18);
  context.fillStyle = INK;
  context.fillText(told(each), each.x + (each.line ? 54 : 26), y + 6);
}

export function save(canvas, name) {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }, "image/png");
}
