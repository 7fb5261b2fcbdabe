// Deliveries as lines: one drawing call for all of them, however many. A line is a small rectangle
// along its two ends; width, dashes and colour stand in the same row of numbers. Where thousands are
// seen at once, each so faint that nobody could tell its edge, they are lines of one pixel: without a
// graphics card that is three times as fast.

const VERTEX = `#version 300 es
uniform mat3 u_matrix;
uniform vec2 u_half;   // of the frame, in pixels
uniform float u_ratio; // pixels of the screen to a pixel of the page
uniform float u_strength;
in vec4 a_ends;
in vec4 a_color;
in vec3 a_look;        // width, dash, gap
out vec4 v_color;
out vec2 v_at;         // along the line, and across it
flat out vec3 v_look;
void main() {
  vec2 from = (u_matrix * vec3(a_ends.xy, 1.0)).xy * u_half;
  vec2 to = (u_matrix * vec3(a_ends.zw, 1.0)).xy * u_half;
  vec2 way = to - from;
  float far = max(length(way), 0.001);
  vec2 side = vec2(-way.y, way.x) / far;
  float half_width = a_look.x * u_ratio * 0.5 + 0.5;
  float along = float(gl_VertexID >> 1), across = float(gl_VertexID & 1) * 2.0 - 1.0;
  gl_Position = vec4((mix(from, to, along) + side * across * half_width) / u_half, 0.0, 1.0);
  v_at = vec2(along * far, across * half_width);
  v_look = a_look * u_ratio;
  v_color = vec4(a_color.rgb, min(a_color.a * u_strength, max(a_color.a, 0.6)));
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 v_color;
in vec2 v_at;
flat in vec3 v_look;
out vec4 color;
void main() {
  if (v_look.z > 0.0 && mod(v_at.x, v_look.y + v_look.z) > v_look.y) discard;
  float edge = clamp(v_look.x * 0.5 + 0.5 - abs(v_at.y), 0.0, 1.0);
  color = vec4(v_color.rgb, 1.0) * (v_color.a * edge);
}`;

const THIN_VERTEX = `#version 300 es
uniform mat3 u_matrix;
uniform float u_strength;
in vec2 a_end;
in vec4 a_color;
flat out vec4 v_color;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_end, 1.0)).xy, 0.0, 1.0);
  float alpha = min(a_color.a * u_strength, max(a_color.a, 0.6));
  v_color = vec4(a_color.rgb, 1.0) * alpha;
}`;

const THIN_FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 v_color;
out vec4 color;
void main() { color = v_color; }`;

const ROW = 11; // numbers a line: two ends, colour, look

function shader(gl, kind, text) {
  const made = gl.createShader(kind);
  gl.shaderSource(made, text);
  gl.compileShader(made);
  return made;
}

// One way to draw them: a program, and rows of numbers of which a line takes one (`each`), or its two
// ends one after the other.
class Way {
  constructor(gl, vertex, fragment, parts, each) {
    this.gl = gl;
    this.program = gl.createProgram();
    gl.attachShader(this.program, shader(gl, gl.VERTEX_SHADER, vertex));
    gl.attachShader(this.program, shader(gl, gl.FRAGMENT_SHADER, fragment));
    gl.linkProgram(this.program);
    if (!gl.getProgramParameter(this.program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(this.program) || "no lines");
    [this.matrix, this.half, this.ratio, this.strong] = ["u_matrix", "u_half", "u_ratio", "u_strength"]
      .map((name) => gl.getUniformLocation(this.program, name));
    this.rows = gl.createBuffer();
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.rows);
    const row = parts.reduce((sum, [, size]) => sum + size, 0) * 4;
    let from = 0;
    for (const [name, size] of parts) {
      const at = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, row, from);
      if (each) gl.vertexAttribDivisor(at, 1);
      from += size * 4;
    }
    gl.bindVertexArray(null);
  }

  draw({ matrix, pixelRatio }, data, strength, make, call) {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    if (this.held !== data) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.rows);
      gl.bufferData(gl.ARRAY_BUFFER, make(data), gl.STATIC_DRAW);
      this.held = data;
    }
    gl.uniformMatrix3fv(this.matrix, false, matrix);
    gl.uniform2f(this.half, gl.drawingBufferWidth / 2, gl.drawingBufferHeight / 2);
    gl.uniform1f(this.ratio, pixelRatio);
    gl.uniform1f(this.strong, strength);
    const blended = gl.isEnabled(gl.BLEND);
    gl.enable(gl.BLEND); // lines lie over each other
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    call();
    gl.bindVertexArray(null);
    if (!blended) gl.disable(gl.BLEND);
  }

  kill() {
    this.gl.deleteProgram(this.program);
    this.gl.deleteBuffer(this.rows);
    this.gl.deleteVertexArray(this.array);
  }
}

// A layer for Sigma's addCustomLayerProgram: `lines` gives rows, how many of them to draw now, and
// whether they are faint.
export function threads(lines) {
  return (gl) => {
    const wide = new Way(gl, VERTEX, FRAGMENT, [["a_ends", 4], ["a_color", 4], ["a_look", 3]], true);
    const thin = new Way(gl, THIN_VERTEX, THIN_FRAGMENT, [["a_end", 2], ["a_color", 4]], false);
    return {
      render(params) {
        const { data, count, strength = 1, faint = false } = lines();
        if (!count) return;
        if (faint) thin.draw(params, data, strength, endsOf, () => gl.drawArrays(gl.LINES, 0, 2 * count));
        else wide.draw(params, data, strength, (rows) => rows, () => gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count));
      },
      kill() { wide.kill(); thin.kill(); },
    };
  };
}

// The two ends of each row one after the other, each with its colour.
function endsOf(rows) {
  const data = new Float32Array((rows.length / ROW) * 12);
  for (let row = 0, at = 0; row < rows.length; row += ROW, at += 12) {
    const color = rows.subarray(row + 4, row + 8);
    data.set(rows.subarray(row, row + 2), at);
    data.set(color, at + 2);
    data.set(rows.subarray(row + 2, row + 4), at + 6);
    data.set(color, at + 8);
  }
  return data;
}

// Rows for these links, in this order; `look` gives [red, green, blue, alpha, width, dash, gap].
export function rowsOf(links, ends, look) {
  const data = new Float32Array(links.length * ROW);
  let at = 0;
  for (const link of links) {
    data.set(ends.subarray(link * 4, link * 4 + 4), at);
    const [red, green, blue, alpha, width, dash, gap] = look(link);
    data[at + 4] = red / 255; data[at + 5] = green / 255; data[at + 6] = blue / 255; data[at + 7] = alpha;
    data[at + 8] = width; data[at + 9] = dash; data[at + 10] = gap;
    at += ROW;
  }
  return { data, count: links.length };
}
