// A sheet to draw on. Places and widths are shares of its side, so a drawing fits any size.

const SENT_SIDE = 280;  // pixels; no less than what the server looks at
const LIGHTEST = 0.4, HEAVIEST = 1.6;  // widths of a pen that is pressed not at all, and fully

/** Paint strokes on a square with sides of so many pixels. */
function paint(context, strokes, side, ink) {
  context.strokeStyle = context.fillStyle = ink;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) paintStroke(context, stroke, side);
}

// Through the middles between points, so that corners of the hand's path are round. What has one
// width is one path: edges of overlapping pieces would show.
function paintStroke(context, stroke, side) {
  const [first] = stroke;
  context.beginPath();
  context.arc(first.x * side, first.y * side, first.width * side / 2, 0, 2 * Math.PI);
  context.fill();
  let from = first, width = null;
  stroke.forEach((point, place) => {
    const next = stroke[place + 1];
    const to = next ? { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 } : point;
    if (point.width !== width) {
      if (width !== null) context.stroke();
      width = point.width;
      context.beginPath();
      context.lineWidth = width * side;
      context.moveTo(from.x * side, from.y * side);
    }
    context.quadraticCurveTo(point.x * side, point.y * side, to.x * side, to.y * side);
    from = to;
  });
  context.stroke();
}

/**
 * Takes strokes of mouse, pen or finger on a canvas.
 * `changed` is called after each change; `width` is the pen's, as a share of the side.
 */
export class Drawing {
  width = 0.09;
  #canvas;
  #changed;
  #strokes = [];
  #past = [];  // what the strokes were before each change
  #pointer = null;

  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.addEventListener("pointerdown", event => this.#begin(event));
    canvas.addEventListener("pointermove", event => this.#go(event));
    for (const kind of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(kind, event => this.#end(event));
    }
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#show());
  }

  get isEmpty() { return this.#strokes.length === 0; }
  get isGrowing() { return this.#pointer !== null; }
  get canUndo() { return this.#past.length > 0; }

  undo() {
    this.#pointer = null;
    this.#strokes = this.#past.pop() ?? [];
    this.#update();
  }

  clear() {
    if (!this.isEmpty) this.#replace([]);
  }

  /** The drawing as a PNG, black on white. */
  blob() {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = SENT_SIDE;
    const context = sheet.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SENT_SIDE, SENT_SIDE);
    paint(context, this.#strokes, SENT_SIDE, "#000");
    return new Promise(done => sheet.toBlob(done, "image/png"));
  }

  #begin(event) {
    if (event.button !== 0) return;
    // The palm comes before the pen, and is no stroke.
    if (this.isGrowing && event.pointerType !== "pen") return;
    if (this.isGrowing) this.#strokes = this.#past.pop();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#replace([...this.#strokes, [this.#point(event)]]);
  }

  #go(event) {
    if (event.pointerId !== this.#pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    const events = between.length ? between : [event];
    this.#strokes.at(-1).push(...events.map(each => this.#point(each)));
    this.#update();
  }

  #end(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#update();
  }

  #replace(strokes) {
    this.#past.push(this.#strokes);
    this.#strokes = strokes;
    this.#update();
  }

  #point(event) {
    const box = this.#canvas.getBoundingClientRect();
    const pressed = event.pointerType === "pen" && event.pressure > 0;
    const weight = pressed ? LIGHTEST + (HEAVIEST - LIGHTEST) * event.pressure : 1;
    return {
      x: (event.clientX - box.left) / box.width,
      y: (event.clientY - box.top) / box.height,
      width: this.width * weight,
    };
  }

  #update() {
    this.#show();
    this.#changed();
  }

  #fit() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (!side) return;  // hidden behind a picture
    this.#canvas.width = this.#canvas.height = side;
    this.#show();
  }

  #show() {
    const { width } = this.#canvas, context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, width, width);
    paint(context, this.#strokes, width, getComputedStyle(this.#canvas).color);
  }
}
