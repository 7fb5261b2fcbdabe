// Shapes, colours and lines of the map: what a mark looks like in the drawing, and in the legend.

// The page's own letters: a PC abroad, or a server that draws, may have none for Korean.
export const FONT = '"Pretendard GOV", "Noto Sans KR", "Malgun Gothic", sans-serif';
export const PALE = "#dfe3e8"; // a firm that does not fit, or is not near the chosen one
export const CROWD = "#b9c0c8"; // firms without a name
export const CHOSEN_RGB = [5, 43, 122];
export const WAY_RGB = [11, 80, 208];

// How a delivery looks by what its two ends say. No red: red is for danger alone.
export const LINES = {
  confirmed: { rgb: [70, 79, 88], dash: 8, gap: 0, size: 1.1 },
  open: { rgb: [120, 130, 141], dash: 5, gap: 4, size: 1.1 },
  contradicted: { rgb: [154, 74, 0], dash: 2.5, gap: 3, size: 1.6 },
};

const OUTLINES = {
  circle: '<circle cx="8" cy="8" r="6.4"/>',
  square: '<rect x="2" y="2" width="12" height="12"/>',
  triangle: '<path d="M8 1.5 15 14H1z"/>',
  diamond: '<path d="M8 .8 15.2 8 8 15.2.8 8z"/>',
  rectangle: '<rect x=".6" y="4.2" width="14.8" height="7.6"/>',
};

export const rgba = ([red, green, blue], alpha) => `rgba(${red}, ${green}, ${blue}, ${alpha})`;

export const mark = (shape, color) =>
  `<svg viewBox="0 0 16 16" aria-hidden="true" fill="${color}">${OUTLINES[shape] || OUTLINES.circle}</svg>`;

export const line = (code) => {
  const { rgb, dash, gap, size } = LINES[code] || LINES.open;
  const dashes = gap ? ` stroke-dasharray="${dash} ${gap}"` : "";
  return `<svg viewBox="0 0 28 16" aria-hidden="true" class="line"><path d="M1 8h26" stroke="${rgba(rgb, 1)}" stroke-width="${1.6 + size}"${dashes}/></svg>`;
};

// The same mark on a picture's canvas, its middle at x, y.
export function paint(context, shape, color, x, y, size) {
  const half = size / 2;
  context.fillStyle = color;
  context.beginPath();
  if (shape === "square") context.rect(x - half * 0.8, y - half * 0.8, size * 0.8, size * 0.8);
  else if (shape === "rectangle") context.rect(x - half, y - half / 2, size, half);
  else if (shape === "triangle") polygon(context, [[x, y - half], [x + half, y + half * 0.8], [x - half, y + half * 0.8]]);
  else if (shape === "diamond") polygon(context, [[x, y - half], [x + half, y], [x, y + half], [x - half, y]]);
  else context.arc(x, y, half * 0.9, 0, 2 * Math.PI);
  context.fill();
}

function polygon(context, points) {
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}
