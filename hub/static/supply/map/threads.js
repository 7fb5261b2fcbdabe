// Deliveries as lines: one drawing call for all of them, however many. A line is a small rectangle
// along its two ends; width, dashes and colour stand in the same row of numbers.

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

const ROW = 11; // numbers a line: two ends, colour, look

function shader(gl, kind, text) {
  const made = gl.createShader(kind);
  gl.shaderSource(made, text);
  gl.compileShader(made);
  return made;
}

// A layer for Sigma's addCustomLayerProgram: `lines` gives rows and how many of them to draw now.
export function threads(lines) {
  return (gl) => {
    const program = gl.createProgram();
    gl.attachShader(program, shader(gl, gl.VERTEX_SHADER, VERTEX));
    gl.attachShader(program, shader(gl, gl.FRAGMENT_SHADER, FRAGMENT));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "no lines");
    const rows = gl.createBuffer(), array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, rows);
    [["a_ends", 4, 0], ["a_color", 4, 4], ["a_look", 3, 8]].forEach(([name, size, from]) => {
      const at = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, ROW * 4, from * 4);
      gl.vertexAttribDivisor(at, 1);
    });
    gl.bindVertexArray(null);
    const [matrix, half, ratio, strong] = ["u_matrix", "u_half", "u_ratio", "u_strength"].map((name) => gl.getUniformLocation(program, name));
    let held = null;
    return {
      render(params) {
        const { data, count, strength = 1 } = lines();
        if (!count) return;
        gl.useProgram(program);
        gl.bindVertexArray(array);
        if (held !== data) {
          gl.bindBuffer(gl.ARRAY_BUFFER, rows);
          gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
          held = data;
        }
        gl.uniformMatrix3fv(matrix, false, params.matrix);
        gl.uniform2f(half, gl.drawingBufferWidth / 2, gl.drawingBufferHeight / 2);
        gl.uniform1f(ratio, params.pixelRatio);
        gl.uniform1f(strong, strength);
        const blended = gl.isEnabled(gl.BLEND);
        gl.enable(gl.BLEND); // lines lie over each other
        gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
        gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
        gl.bindVertexArray(null);
        if (!blended) gl.disable(gl.BLEND);
      },
      kill() {
        gl.deleteProgram(program);
        gl.deleteBuffer(rows);
        gl.deleteVertexArray(array);
      },
    };
  };
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
