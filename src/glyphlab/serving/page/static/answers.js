// What the models say: a card for each, and one sentence about all of them.

import { make } from "./elements.js";
import { likelihood, number, percent, say } from "./words.js";

const LIKELIEST = 3;
const NEAREST = 5;
const SETTLED = 700;  // milliseconds without a new answer, after which it is read out
const MANY_CLASSES = 40;
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** One sentence about what several models say of an image. */
export function headline(predictions, models) {
  const [first] = predictions;
  if (!first) return say("nothingYet");
  if (predictions.length === 1) return say("says", first);
  const saying = new Map();
  for (const { model, class: name } of predictions) {
    saying.set(name, [...(saying.get(name) ?? []), model]);
  }
  if (saying.size === 1) return say(predictions.length === 2 ? "bothSay" : "allSay", first);
  const answers = [...saying].map(([name, said]) =>
    say("answerOf", { class: name, models: said.join(", ") }));
  const same = knowTheSame(models.filter(({ name }) => predictions.some(p => p.model === name)));
  return say(same ? "disagree" : "severally", { answers: answers.join("; ") });
}

/** Whether models can give the same answers. */
export const knowTheSame = models =>
  new Set(models.map(({ classes }) => JSON.stringify(classes))).size < 2;

/** The classes that a model knows, in one sentence. */
export function knownClasses({ classes }) {
  const more = classes.length > MANY_CLASSES ? " …" : "";
  const between = classes.every(name => name.length === 1) ? " " : ", ";
  return say("knows", { classes: classes.slice(0, MANY_CLASSES).join(between) + more });
}

/** What one model says of an image. */
class Card {
  #model;
  #class = make("bdi", "class");
  #probability = make("span", "probability");
  #unlike = make("p", "unlike", say("unlike"));
  #bars = make("ol", "bars");
  #more = make("button", "more");
  #seen = make("img");
  #looked = make("img");
  #nearest = make("ul");
  #all = false;
  #prediction = null;

  constructor(model, tellsClasses) {
    this.#model = model;
    const about = make("p", "small", aboutModel(model));
    if (tellsClasses) about.append(" · ", knownClasses(model));
    this.#more.type = "button";
    this.#more.hidden = model.classes.length <= LIKELIEST;
    this.#more.addEventListener("click", () => {
      this.#all = !this.#all;
      this.#showBars();
    });
    const near = make("figure", "nearest", make("figcaption", "", say("nearest")), this.#nearest);
    near.hidden = !model.examples;
    this.element = make("article", "card",
      make("header", "", make("h2", "", make("bdi", "", model.name)), about),
      make("div", "verdict",
        make("p", "", this.#class, this.#probability),
        make("figure", "", this.#seen, make("figcaption", "", say("seen"))),
        make("figure", "", this.#looked, make("figcaption", "", say("looked")))),
      this.#unlike, this.#bars, this.#more, near);
    this.clear();
  }

  clear() {
    this.#prediction = null;
    this.element.classList.add("empty");
    this.#class.textContent = "";
    this.#probability.textContent = "";
    this.#unlike.hidden = true;
    for (const image of [this.#seen, this.#looked]) showImage(image, null);
    this.#showNearest(Array(NEAREST).fill(null));
    this.#showBars();
  }

  show(prediction) {
    this.#prediction = prediction;
    this.element.classList.remove("empty");
    this.#class.textContent = prediction.class;
    this.#class.classList.toggle("word", prediction.class.length > 2);
    this.#probability.textContent = likelihood(prediction.probability);
    this.#unlike.hidden = !prediction.unlike;
    this.#showBars();
    if (!prediction.seen) return;  // the drawing still grows
    showImage(this.#seen, prediction.seen);
    showImage(this.#looked, prediction.looked);
    this.#showNearest(prediction.nearest);
  }

  // The likeliest in their order; all of them in the order of the classes, which stays.
  #showBars() {
    const { classes } = this.#model;
    const shares = this.#prediction?.probabilities ?? classes.map(() => 0);
    const order = [...classes.keys()];
    if (!this.#all) order.sort((a, b) => shares[b] - shares[a]).splice(LIKELIEST);
    while (this.#bars.children.length < order.length) this.#bars.append(makeBar());
    while (this.#bars.children.length > order.length) this.#bars.lastChild.remove();
    order.forEach((place, row) => {
      const [name, track, value] = this.#bars.children[row].children;
      name.textContent = this.#prediction || this.#all ? classes[place] : "";
      track.firstChild.style.setProperty("--share", shares[place]);
      value.textContent = this.#prediction ? likelihood(shares[place]) : "";
      const first = this.#prediction?.class === classes[place];
      this.#bars.children[row].classList.toggle("first", first);
    });
    this.#more.textContent = say(this.#all ? "likeliest" : "allClasses");
    this.#more.setAttribute("aria-expanded", this.#all);
  }

  #showNearest(found) {
    this.#nearest.replaceChildren(...found.map(near => {
      const image = make("img");
      showImage(image, near?.image);
      const item = make("li", "", image, make("bdi", "", near?.class ?? ""));
      if (near) item.title = near.id;
      return item;
    }));
  }
}

function aboutModel({ dataset, parameters, validation_accuracy: accuracy }) {
  const about = say("about", { dataset, parameters: number(parameters) });
  if (accuracy === null) return about;
  return `${about} · ${say("validated", { accuracy: percent(accuracy) })}`;
}

function makeBar() {
  return make("li", "", make("bdi"), make("span", "track", make("span", "bar")), make("span"));
}

function showImage(image, address) {
  image.alt = "";
  image.src = address ?? NOTHING;
}

/** The cards of all models, and the sentence above them. */
export class Answers {
  #cards = new Map();
  #models = [];
  #headline;
  #spoken;
  #place;
  #reading = 0;

  constructor(place, sentence, spoken) {
    this.#place = place;
    this.#headline = sentence;
    this.#spoken = spoken;
  }

  setModels(models) {
    this.#models = models;
    const each = !knowTheSame(models);
    this.#cards = new Map(models.map(model => [model.name, new Card(model, each)]));
    this.#place.replaceChildren(...[...this.#cards.values()].map(card => card.element));
  }

  hide(isOff) {
    for (const [name, card] of this.#cards) card.element.hidden = isOff(name);
  }

  clear(sentence) {
    for (const card of this.#cards.values()) card.clear();
    this.#say(sentence, "");
  }

  show(predictions) {
    for (const prediction of predictions) this.#cards.get(prediction.model).show(prediction);
    const sentence = headline(predictions, this.#models);
    const details = predictions.map(each => {
      const probability = likelihood(each.probability);
      const spoken = say("spoken", { ...each, probability });
      return each.unlike ? `${spoken} ${say("unlike")}.` : spoken;
    });
    this.#say(sentence, [sentence, ...details].join(" "));
  }

  // While a person draws, answers come faster than they can be read out.
  #say(sentence, spoken) {
    this.#headline.textContent = sentence;
    clearTimeout(this.#reading);
    this.#reading = setTimeout(() => { this.#spoken.textContent = spoken; }, SETTLED);
  }
}
