(() => {
  "use strict";

  const find = id => document.getElementById(id);
  const audit = JSON.parse(document.body.dataset.audit);
  const said = JSON.parse(document.body.dataset.said);
  const language = document.documentElement.lang;
  const plural = new Intl.PluralRules(language);
  const cards = [...document.querySelectorAll("[data-image]")];
  const images = new Map(cards.map(card => [card, JSON.parse(card.dataset.image)]));
  const keyOf = image => `${image.part}:${image.index}`;
  const cardsOf = new Map();
  for (const [card, image] of images) {
    cardsOf.set(keyOf(image), [...(cardsOf.get(keyOf(image)) ?? []), card]);
  }

  const decisions = new Map();
  let version = "";
  let changes = 0;
  let saved = 0;
  let saving = false;

  const CHANGED = 412;  // precondition failed: somebody else has saved decisions meanwhile

  class Refusal extends Error {
    constructor(message, status) {
      super(message);
      this.status = status;
    }
  }

  async function ask(method, headers, body) {
    let answer, content;
    try {
      answer = await fetch("decisions", { method, headers, body, cache: "no-store" });
      content = await answer.json();
    } catch {
      throw new Refusal(said.noAnswer);
    }
    if (answer.status === CHANGED) throw new Refusal(said.changedElsewhere, CHANGED);
    if (!answer.ok) throw new Refusal(content.error, answer.status);
    version = answer.headers.get("ETag");
    return content;
  }

  function tell(text, repair, name) {
    find("desk").hidden = false;
    find("status").textContent = text;
    find("again").hidden = !repair;
    find("again").textContent = name;
    find("again").onclick = repair;
  }

  function counted(texts) {
    const count = decisions.size.toLocaleString(language);
    return texts[plural.select(decisions.size)].replace("{count}", count);
  }

  async function save() {
    if (saving) return;
    saving = true;
    try {
      while (saved < changes) {
        const sent = changes;
        tell(counted(said.saving));
        const headers = { "Content-Type": "application/json", "If-Match": version };
        const content = { train: audit.train, test: audit.test, decisions: [...decisions.values()] };
        await ask("PUT", headers, JSON.stringify(content));
        saved = sent;
      }
      tell(counted(said.saved));
    } catch (refusal) {
      const text = said.notSaved.replace("{reason}", () => refusal.message);
      if (refusal.status === CHANGED) tell(text, reload, said.loadAgain);
      else tell(text, save, said.tryAgain);
    }
    saving = false;
  }

  function reload() {
    saved = changes;
    location.reload();
  }

  function show(key) {
    const decision = decisions.get(key);
    const value = decision?.action === "relabel"
      ? `relabel:${audit.classes.indexOf(decision.label)}`
      : decision?.action ?? "";
    for (const card of cardsOf.get(key) ?? []) {
      const select = card.querySelector("select");
      if (decision) addLabels(select);
      select.value = value;
      card.dataset.decided = decision?.action ?? "";
    }
  }

  function decide(card, value) {
    const { part, index, id } = images.get(card);
    const key = keyOf({ part, index });
    const [action, number] = value.split(":");
    if (action) decisions.set(key, { part, index, id, action, label: audit.classes[number] ?? null });
    else decisions.delete(key);
    show(key);
    changes += 1;
    save();
  }

  function addChoice(card) {
    const select = find("choice").content.firstElementChild.cloneNode(true);
    select.setAttribute("aria-label", said.decisionOn.replace("{id}", () => images.get(card).id));
    select.addEventListener("change", () => decide(card, select.value));
    for (const event of ["pointerdown", "focus"]) {
      select.addEventListener(event, () => addLabels(select));
    }
    card.append(select);
  }

  // Thousands of lists with hundreds of classes each would take a browser seconds to make.
  function addLabels(select) {
    if (!select.querySelector("optgroup")) select.append(find("labels").content.cloneNode(true));
  }

  // On a Cyrillic keyboard the key that is marked K gives another letter.
  function letterOf(event) {
    return (/^[a-z]$/i.test(event.key) ? event.key : event.code.replace("Key", "")).toLowerCase();
  }

  function valueOfKey(key, card) {
    const { suggested } = images.get(card);
    if (key === "r" && suggested) return `relabel:${audit.classes.indexOf(suggested)}`;
    return { k: "keep", d: "drop", p: "" }[key];
  }

  function neighbour(list, card, key) {
    const place = list.indexOf(card);
    const top = list[0].getBoundingClientRect().top;
    const second = list.findIndex(other => other.getBoundingClientRect().top > top);
    const columns = second > 0 ? second : list.length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
    return step && list[place + step];
  }

  function onKey(list, event) {
    const card = event.target;
    if (!images.has(card) || event.ctrlKey || event.metaKey || event.altKey) return;
    const value = valueOfKey(letterOf(event), card);
    if (value !== undefined) decide(card, value);
    const next = neighbour(list, card, value === undefined ? event.key : "ArrowRight");
    if (next) next.focus();
    if (next || value !== undefined) event.preventDefault();
  }

  function listen(list) {
    const own = [...list.querySelectorAll("[data-image]")];
    own[0].tabIndex = 0;
    list.addEventListener("keydown", event => onKey(own, event));
    list.addEventListener("focusin", event => {
      if (!images.has(event.target)) return;
      for (const card of own) card.tabIndex = card === event.target ? 0 : -1;
    });
  }

  async function start() {
    let content;
    try {
      content = await ask("GET");
    } catch (refusal) {
      if (refusal.status) tell(refusal.message, start, said.tryAgain);
      return;
    }
    for (const decision of content.decisions) decisions.set(keyOf(decision), decision);
    cards.forEach(addChoice);
    document.querySelectorAll("[data-findings]").forEach(listen);
    decisions.forEach((_, key) => show(key));
    find("as-file").hidden = true;
    find("as-served").hidden = false;
    addEventListener("beforeunload", event => {
      if (saved < changes) event.preventDefault();
    });
    tell(decisions.size ? counted(said.saved) : said.none);
  }

  if (location.protocol.startsWith("http")) start();
})();
