// Images that a person chose, dropped or pasted: a list, one of which is looked at.

import { Trouble } from "./asking.js";
import { make } from "./elements.js";
import { number, say, size } from "./words.js";

const MOST = 100;
const FORM_BYTES = 1000;  // that a file grows by when it is sent

/** Why a file can't be looked at, in one sentence, as far as its name and size tell; or null. */
export function objection(file, mostBytes) {
  if (file.type && !file.type.startsWith("image/")) return say("noImage", { name: file.name });
  if (file.size === 0) return say("emptyFile", { name: file.name });
  if (file.size + FORM_BYTES <= mostBytes) return null;
  return say("tooLarge", { name: file.name, size: size(file.size), most: size(mostBytes) });
}

/** One image: its file, and the address by which the page shows it. */
class Picture {
  constructor(file) {
    this.file = file;
    this.address = URL.createObjectURL(file);
  }

  /** Its content as it is now; the file on disk may have gone. */
  async image() {
    try {
      return new File([await this.file.arrayBuffer()], this.file.name, { type: this.file.type });
    } catch {
      throw new Trouble(say("gone", { name: this.file.name }));
    }
  }
}

/**
 * The list. `tray` is a `ul` whose first item holds `drawing`, the radio button of the drawing;
 * `choose` is told the picture that is looked at, or null for the drawing.
 */
export class Pictures {
  mostBytes = Infinity;
  #box;
  #tray;
  #drawing;
  #choose;

  constructor(box, tray, drawing, choose) {
    this.#box = box;
    this.#tray = tray;
    this.#drawing = drawing;
    this.#choose = choose;
    drawing.addEventListener("change", () => choose(null));
  }

  /** Take files into the list and look at the first of them; gives the sentences about others. */
  add(files) {
    const objections = files.map(file => objection(file, this.mostBytes));
    const good = files.filter((_, place) => !objections[place]);
    const room = Math.max(0, MOST - this.#tray.children.length + 1);
    if (good.length > room) objections.push(say("tooMany", { count: number(MOST) }));
    const radios = good.slice(0, room).map(file => this.#list(new Picture(file)));
    this.#box.hidden = this.#tray.children.length < 2;
    radios[0]?.click();
    return objections.filter(Boolean);
  }

  /** Look at the drawing again. */
  draw() {
    if (!this.#drawing.checked) this.#drawing.click();
  }

  #list(picture) {
    const { name } = picture.file;
    const radio = make("input"), thumbnail = make("img"), remove = make("button", "remove", "×");
    radio.type = "radio";
    radio.name = this.#drawing.name;
    radio.addEventListener("change", () => this.#choose(picture));
    thumbnail.src = picture.address;
    thumbnail.alt = "";
    thumbnail.addEventListener("error", () => thumbnail.classList.add("missing"));
    remove.type = "button";
    remove.setAttribute("aria-label", say("remove", { name }));
    const item = make("li", "", make("label", "", radio, thumbnail, make("bdi", "", name)), remove);
    remove.addEventListener("click", () => this.#remove(item, picture));
    this.#tray.append(item);
    return radio;
  }

  #remove(item, picture) {
    const radio = item.querySelector("input");
    const next = (item.nextElementSibling ?? item.previousElementSibling).querySelector("input");
    item.remove();
    this.#box.hidden = this.#tray.children.length < 2;
    if (radio.checked) next.click();
    next.focus();
    URL.revokeObjectURL(picture.address);
  }
}
