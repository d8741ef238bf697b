// The page: what is looked at, which models are asked, and what they say.

import { Answers, knowTheSame, knownClasses } from "./answers.js";
import { Asker, Patience, Trouble, askModels, takeToken } from "./asking.js";
import { Drawing } from "./drawing.js";
import { make } from "./elements.js";
import { Pictures } from "./pictures.js";
import { say } from "./words.js";

const find = id => document.getElementById(id);
const WIDTHS = 100;  // the pen's width is chosen in hundredths of the sheet

let models = [];
let picture = null;  // that is looked at; the drawing where there is none
const off = new Set();  // names of models

const answers = new Answers(find("cards"), find("headline"), find("spoken"));
const patience = new Patience(tell);
const asker = new Asker(patience, show, refuse);
const drawing = new Drawing(find("canvas"), look);
const pictures = new Pictures(find("pictures"), find("tray"), find("drawing"), choose);

/** Ask about what is on the sheet now. */
function look() {
  const isBlank = !picture && drawing.isEmpty;
  find("hint").hidden = !isBlank;
  find("undo").disabled = Boolean(picture) || !drawing.canUndo;
  find("clear").disabled = isBlank;
  const asked = models.map(({ name }) => name).filter(name => !off.has(name));
  if (isBlank || !asked.length) {
    asker.forget();
    answers.clear(say(asked.length || !models.length ? "nothingYet" : "allOff"));
    return;
  }
  asker.ask({
    image: picture ? () => picture.image() : () => drawing.blob(),
    models: asked,
    settled: Boolean(picture) || !drawing.isGrowing,
  });
}

async function show(predictions) {
  if (!predictions.every(isUnderstood)) await refreshModels();
  answers.show(predictions.filter(isUnderstood));
}

/** Whether an answer is of a model as the page knows it. */
function isUnderstood(prediction) {
  const model = models.find(({ name }) => name === prediction.model);
  return model?.classes.length === prediction.probabilities.length
    && model.classes.includes(prediction.class);
}

async function refuse(trouble) {
  if (trouble.isUnknown && await refreshModels()) return;
  answers.clear("");
  tell(trouble);
}

/** Say what is wrong, and in how many seconds it is tried again; nothing where all is well. */
function tell(trouble, seconds) {
  find("trouble").hidden = !trouble;
  find("cards").classList.toggle("stale", Boolean(trouble));
  find("trouble-text").textContent = trouble?.message ?? "";
  find("trouble-again").textContent = seconds ? say("again", { seconds }) : "";
  find("now").hidden = !seconds;
}

/** Learn which models the server has now; tells whether that was news. */
async function refreshModels() {
  const found = await askModels();
  pictures.mostBytes = found.limits.body_bytes;
  if (JSON.stringify(found.models) === JSON.stringify(models)) return false;
  models = found.models;
  const same = knowTheSame(models);
  find("knows").textContent = same && models.length ? knownClasses(models[0]) : "";
  find("models").hidden = models.length < 2;
  find("switches").replaceChildren(...models.map(makeSwitch));
  answers.setModels(models);
  answers.hide(name => off.has(name));
  look();
  return true;
}

function makeSwitch({ name }) {
  const box = make("input");
  box.type = "checkbox";
  box.checked = !off.has(name);
  box.addEventListener("change", () => {
    if (box.checked) off.delete(name);
    else off.add(name);
    answers.hide(each => off.has(each));
    look();
  });
  return make("label", "", box, make("bdi", "", name));
}

function choose(chosen) {
  asker.forget();
  picture = chosen;
  find("pen").disabled = Boolean(picture);
  find("sheet").classList.toggle("shows-picture", Boolean(picture));
  find("picture").hidden = !picture;
  find("no-preview").hidden = true;
  if (picture) {
    find("picture").src = picture.address;
    find("picture").alt = picture.file.name;
  }
  answers.clear("");
  look();
}

function take(files, nothing) {
  const list = [...files];
  const sentences = list.length ? pictures.add(list) : [nothing];
  find("refused").textContent = sentences.slice(0, 3).join(" ") + (sentences[3] ? " …" : "");
  find("refused").hidden = !sentences.length;
}

function clear() {
  pictures.draw();
  drawing.clear();
}

// On a Cyrillic keyboard the key that is marked Z gives another letter.
function isUndo(event) {
  const letter = /^[a-z]$/i.test(event.key) ? event.key : event.code.replace("Key", "");
  return (event.ctrlKey || event.metaKey) && !event.shiftKey && letter.toLowerCase() === "z";
}

function listen() {
  find("pen").addEventListener("input", () => { drawing.width = find("pen").value / WIDTHS; });
  find("undo").addEventListener("click", () => drawing.undo());
  find("clear").addEventListener("click", clear);
  find("choose").addEventListener("click", () => find("files").click());
  find("files").addEventListener("change", () => {
    if (find("files").files.length) take(find("files").files);
    find("files").value = "";  // so that the same file can be chosen again
  });
  find("picture").addEventListener("error", () => {
    find("picture").hidden = true;
    find("no-preview").hidden = false;
  });
  find("now").addEventListener("click", () => patience.hurry());
  addEventListener("online", () => patience.hurry());
  addEventListener("keydown", event => {
    if (!isUndo(event) || find("undo").disabled) return;
    event.preventDefault();
    drawing.undo();
  });
  addEventListener("paste", event => take(event.clipboardData.files, say("nothingPasted")));
  listenForDrops();
  addEventListener("hashchange", () => { if (takeToken()) start(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && models.length) refreshModels().catch(() => {});  // asking tells it too
  });
}

function listenForDrops() {
  const mark = isOver => document.body.classList.toggle("dropping", isOver);
  addEventListener("dragover", event => {
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", event => { if (!event.relatedTarget) mark(false); });
  addEventListener("drop", event => {
    event.preventDefault();
    mark(false);
    take(event.dataTransfer.files, say("nothingDropped"));
  });
}

async function start() {
  for (;;) {
    try {
      await refreshModels();
      patience.end();
      return;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      if (!trouble.passing) return tell(trouble);
      await patience.wait(trouble);
    }
  }
}

takeToken();
listen();
look();
start();
