// Sentences of the page's catalogue, and figures as its language writes them.

const said = JSON.parse(document.getElementById("said").textContent);
const language = document.documentElement.lang;
const share = new Intl.NumberFormat(language, {
  style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1,
});
const count = new Intl.NumberFormat(language);
const megabytes = new Intl.NumberFormat(language, {
  style: "unit", unit: "megabyte", maximumSignificantDigits: 3,
});
const SURE = 0.999, UNLIKELY = 0.001;

/** A sentence by its name, with what stands in braces filled in. */
export function say(name, figures = {}) {
  return said[name].replace(/\{(\w+)\}/g, (_, key) => figures[key]);
}

/** A share in percent. */
export const percent = value => share.format(value);

/** A probability in percent, which is never rounded to certainty. */
export function likelihood(value) {
  if (value > SURE) return `> ${percent(SURE)}`;
  return value < UNLIKELY ? `< ${percent(UNLIKELY)}` : percent(value);
}

/** A count with thousands apart. */
export const number = value => count.format(value);

/** A number of bytes in megabytes. */
export const size = bytes => megabytes.format(bytes / 1e6);
