// Asks the server: one question at a time, the newest first, and again where it could not answer.

import { say } from "./words.js";

const PAUSE = 80;  // milliseconds between two questions
const PATIENCE = 30_000;  // milliseconds until an answer is given up
const FIRST_WAIT = 0.5, LONGEST_WAIT = 15;  // seconds
const QUICK = 300;  // milliseconds within which an explained answer is no burden while drawing
const UNAUTHORIZED = 401, NOT_FOUND = 404;
const PASSING = [408, 429, 502, 503, 504];
const TOKEN = "glyphlab-token";

const sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

/** Why there is no answer; `passing` where it is worth trying again, after so many seconds. */
export class Trouble extends Error {
  constructor(message, { passing = false, after = 0, isUnknown = false } = {}) {
    super(message);
    Object.assign(this, { passing, after, isUnknown });
  }
}

let token = null;

/** Take the server's token out of the page's address, and keep it while the tab is open. */
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  try {
    if (given) sessionStorage.setItem(TOKEN, given);
    token = sessionStorage.getItem(TOKEN);
  } catch {
    token = given ?? token;  // this browser keeps nothing
  }
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return Boolean(given);
}

async function call(path, options = {}) {
  const headers = { "Accept-Language": document.documentElement.lang, ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  const signal = AbortSignal.timeout(PATIENCE);
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, signal, cache: "no-store" });
    if (answer.ok) return await answer.json();
  } catch {
    throw new Trouble(say("unreachable"), { passing: true });
  }
  throw await troubleOf(answer);
}

async function troubleOf(answer) {
  if (answer.status === UNAUTHORIZED) return new Trouble(say("token"));
  if (PASSING.includes(answer.status)) {
    const after = Number(answer.headers.get("Retry-After")) || 0;
    return new Trouble(say("busy"), { passing: true, after });
  }
  const { error } = await answer.json().catch(() => ({}));
  if (!error) return new Trouble(say("failed"), { passing: true });
  return new Trouble(error, { isUnknown: answer.status === NOT_FOUND });
}

/** The models that the server has, and its limits. */
export const askModels = () => call("api/models");

function askPrediction(image, models, explain) {
  const asked = new URLSearchParams(models.map(model => ["model", model]));
  asked.set("explain", explain);
  return call(`api/predict?${asked}`, { method: "POST", body: bodyOf(image) });
}

// A file goes as one of a form, so that the server can name it where it refuses it.
function bodyOf(image) {
  if (!(image instanceof File)) return image;
  const form = new FormData();
  form.append("image", image);
  return form;
}

/** Waits longer after each failure; `tell` hears of the trouble and the seconds that are left. */
export class Patience {
  #tell;
  #failures = 0;
  #hurry = () => {};

  constructor(tell) {
    this.#tell = tell;
  }

  async wait(trouble) {
    const own = Math.min(FIRST_WAIT * 2 ** this.#failures, LONGEST_WAIT);
    this.#failures += 1;
    let hurried = false;
    const now = new Promise(done => { this.#hurry = () => { hurried = true; done(); }; });
    for (let left = Math.max(own, trouble.after); left > 0 && !hurried; left -= 1) {
      this.#tell(trouble, Math.ceil(left));
      await Promise.race([now, sleep(1000 * Math.min(left, 1))]);
    }
  }

  hurry() { this.#hurry(); }

  end() {
    this.#failures = 0;
    this.#tell(null);
  }
}

/**
 * Asks what models say. A question is `{ image, models, settled }`: a function that gives the image
 * as a blob, names of models, and whether the image is whole. While it grows, explanations that
 * would hold the answer up are not asked for.
 * `show` is given an answer, `refuse` a trouble that does not pass.
 */
export class Asker {
  #patience;
  #show;
  #refuse;
  #wanted = null;
  #generation = 0;
  #running = false;
  #explained = 0;  // milliseconds that the last explained answer took

  constructor(patience, show, refuse) {
    this.#patience = patience;
    this.#show = show;
    this.#refuse = refuse;
  }

  ask(question) {
    this.#wanted = { ...question, generation: this.#generation };
    this.#run();
  }

  /** What was asked before is of no interest any more. */
  forget() {
    this.#wanted = null;
    this.#generation += 1;
    this.#patience.hurry();
    this.#patience.end();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#wanted) {
        const question = this.#wanted;
        this.#wanted = null;
        await Promise.all([this.#answer(question), sleep(PAUSE)]);
      }
    } finally {
      this.#running = false;
    }
  }

  async #answer(question) {
    const isForgotten = () => question.generation !== this.#generation;
    try {
      const answer = await this.#predict(question);
      this.#patience.end();
      if (!isForgotten()) this.#show(answer);
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      if (isForgotten()) return;
      if (!trouble.passing) {
        this.#patience.end();
        await this.#refuse(trouble);
        return;
      }
      this.#wanted ??= question;
      await this.#patience.wait(trouble);
    }
  }

  async #predict({ image, models, settled }) {
    const explain = settled || this.#explained < QUICK;
    const sent = await image();
    const start = performance.now();
    const { images: [{ predictions }] } = await askPrediction(sent, models, explain);
    if (explain) this.#explained = performance.now() - start;
    return predictions;
  }
}
