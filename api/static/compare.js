// Tools for looking at two portraits whose eyes lie at the same places: both are zoomed, moved and lit alike.
const compare = document.querySelector("[data-compare]");
const frames = [...compare.querySelectorAll(".frame")];
const tools = compare.querySelector(".tools");
const tool = (name) => tools.querySelector(`[data-tool=${name}]`);
const portraits = frames.map((frame) => frame.querySelector("img.portrait"));
const MOST = Number(tool("zoom").max);
const BLINK = 700;
const EYES = { x: 0.5, y: 0.4 };

// What is zoomed about the eyes is moved no further than its own edge.
const within = (value, room, from) => Math.max(-room * (1 - from), Math.min(room * from, value));

// A photo that does not come is said, so that nobody judges an empty frame.
for (const portrait of portraits) {
  if (!portrait) continue;
  const note = document.createElement("p");
  note.className = "lost";
  const lost = () => {
    note.textContent = compare.dataset.lost;
    portrait.after(note);
  };
  portrait.addEventListener("error", lost);
  portrait.addEventListener("load", () => note.remove());
  if (portrait.complete && portrait.naturalWidth === 0) lost();
}

let x = 0;
let y = 0;
let over = null;
let blinking = 0;

const zoom = () => Number(tool("zoom").value);
const pressed = (name) => tool(name).getAttribute("aria-pressed") === "true";

function draw() {
  const scale = zoom();
  x = within(x, scale - 1, EYES.x);
  y = within(y, scale - 1, EYES.y);
  const mirror = pressed("mirror") ? -1 : 1;
  for (const layer of compare.querySelectorAll(".frame > :is(img.portrait, .grid)")) {
    const turned = layer === portraits[1] || layer === over ? mirror : 1;
    layer.style.transform = `translate(${100 * x}%, ${100 * y}%) scale(${scale * turned}, ${scale})`;
    if (layer.matches("img")) layer.style.filter = `brightness(${tool("light").value})`;
  }
  compare.classList.toggle("gridded", pressed("grid"));
  compare.classList.toggle("zoomed", scale > 1);
  if (over) over.style.opacity = tool("fade").value;
}

function setZoom(value) {
  tool("zoom").value = value;
  draw();
}

function blink(on) {
  clearInterval(blinking);
  if (on && over) blinking = setInterval(() => { over.style.opacity = over.style.opacity === "1" ? 0 : 1; }, BLINK);
}

if (portraits.some((portrait) => portrait)) {
  tools.hidden = false;
  if (portraits.every((portrait) => portrait)) {
    over = portraits[1].cloneNode();
    over.alt = "";
    over.classList.add("over");
    portraits[0].after(over);
  }
  tools.addEventListener("input", draw);
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.tool === "reset") {
      x = y = 0;
      for (const slider of tools.querySelectorAll("input")) slider.value = slider.defaultValue;
      for (const toggle of tools.querySelectorAll("[aria-pressed]")) toggle.setAttribute("aria-pressed", "false");
    } else if (button.hasAttribute("aria-pressed")) {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    }
    draw();
    blink(pressed("blink"));
  });
  draw();
}

// Fingers and mouse: one moves what is zoomed, two pinch; a double tap zooms in and out.
const fingers = new Map();
let spread = 0;
const distance = () => {
  const [one, other] = [...fingers.values()];
  return Math.hypot(one.x - other.x, one.y - other.y);
};
for (const frame of frames) {
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  frame.addEventListener("dblclick", () => setZoom(zoom() > 1 ? 1 : 2));
  frame.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) spread = distance() / zoom();
    if (fingers.size === 2 || zoom() > 1) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2 && spread > 0) {
      setZoom(Math.max(1, Math.min(MOST, distance() / spread)));
    } else if (zoom() > 1) {
      x += (event.clientX - before.x) / frame.clientWidth;
      y += (event.clientY - before.y) / frame.clientHeight;
      draw();
    }
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, (event) => fingers.delete(event.pointerId));
}

const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
document.addEventListener("keydown", (event) => {
  const way = ARROWS[event.key];
  const free = event.target === document.body || event.target.closest(".compare-faces");
  if (!way || !free || zoom() === 1 || event.ctrlKey || event.altKey || event.metaKey) return;
  x += way[0] / 10;
  y += way[1] / 10;
  draw();
  event.preventDefault();
});

// Another photo of the person takes its place in the frame; without this script the link loads the page with it.
const choices = (side) => [...document.querySelectorAll(`[data-show=${side}]`)];
function show(choice) {
  const side = choice.dataset.show;
  const shown = side === "left" ? [portraits[0]] : [portraits[1], over];
  for (const image of shown) if (image) image.src = choice.dataset.src;
  for (const each of choices(side)) each.toggleAttribute("aria-current", false);
  choice.setAttribute("aria-current", "true");
  compare.querySelector(`[data-taken=${side}]`).textContent = choice.dataset.taken;
}
for (const side of ["left", "right"]) {
  for (const choice of choices(side)) {
    choice.addEventListener("click", (event) => {
      event.preventDefault();
      show(choice);
    });
  }
  tool(side)?.addEventListener("click", () => {
    const all = choices(side);
    show(all[(all.findIndex((each) => each.hasAttribute("aria-current")) + 1) % all.length]);
  });
}
