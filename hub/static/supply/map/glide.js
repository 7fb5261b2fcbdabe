// Where drawing is slow (no graphics card), the map glides as a picture while it is moved, and is
// drawn anew when it rests. Where drawing is fast, every frame is drawn.
const SLOW = 20; // milliseconds a drawing
// Frames without a move until it rests. Frames, not milliseconds: moves that wait behind a slow
// drawing come with the next frame, and else one drawing would follow the other.
const QUIET = 10;
const HELD = 40; // while a button is held: the next move is likely

export class Glide {
  constructor(renderer) {
    this.renderer = renderer;
    this.moving = false;
    this.slow = false;
    this.took = 0; // milliseconds of a drawing
    this.drawn = null; // the camera of what is on the canvas
    this.plain = renderer.scheduleRender.bind(renderer);
    renderer.scheduleRender = () => (this.slow && this.moving && this.drawn ? this.#shift() : this.plain());
    renderer.on("afterRender", () => {
      this.drawn = renderer.getCamera().getState();
      renderer.getStageCanvas().style.transform = "";
    });
    renderer.getCamera().on("updated", () => this.#moves());
  }

  // How long a drawing takes: a dot that is read back is one that is drawn.
  measure() {
    const gl = this.renderer.getWebGLContext(), dot = new Uint8Array(4);
    const began = performance.now();
    this.renderer.refresh({ skipIndexation: true });
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, dot);
    this.took = performance.now() - began;
    this.slow = this.took > SLOW;
    this.renderer.getStageCanvas().style.transformOrigin = "0 0";
  }

  #moves() {
    this.left = this.renderer.getMouseCaptor().isMouseDown ? HELD : QUIET;
    if (this.moving) return;
    this.moving = true;
    const next = () => {
      this.left -= 1;
      if (this.left > 0) { this.frame = requestAnimationFrame(next); return; }
      this.moving = false;
      this.plain();
    };
    this.frame = requestAnimationFrame(next);
  }

  #shift() {
    const { renderer, drawn } = this;
    const now = renderer.getCamera().getState();
    const before = renderer.framedGraphToViewport({ x: 0, y: 0 }, { cameraState: drawn });
    const after = renderer.framedGraphToViewport({ x: 0, y: 0 }, { cameraState: now });
    const scale = drawn.ratio / now.ratio;
    const [x, y] = [after.x - before.x * scale, after.y - before.y * scale];
    renderer.getStageCanvas().style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    renderer.emit("glide");
    return renderer;
  }

  stop() { cancelAnimationFrame(this.frame); }
}
