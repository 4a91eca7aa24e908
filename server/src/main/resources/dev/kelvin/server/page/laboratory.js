// SPDX-License-Identifier: Apache-2.0
// The temperature laboratory: the distribution that a token was drawn from, and what any temperature makes of it.

import { curves, moveTo, MOST_CURVES } from "./curves.js";
import { element, icon, iconButton } from "./dom.js";
import * as format from "./format.js";
import { entropy, ordered, placeOf, sample, sampled, softmax, surprise, temperatureAt, ties } from "./temperature.js";

const STEPS = 1000;
const ROWS = 8;
const TICKS = [0, 0.2, 0.5, 1, 2, 5, Infinity];

/**
 * The view. A subject says what is looked at: `before` and `token`, the text that leads to it and its own; `logProb` of
 * the token, `id` of the one that was drawn (neither for a token that is yet to come), `settings` it was drawn with,
 * and a `distribution` as the server tells it, or null while it is on its way.
 */
export class Laboratory {
  #root;
  #actions;
  #parts = {};
  #subject = null;
  #order = null;
  #names = new Map();
  #rows = [];
  #picture = null;
  #temperature = 1;
  #view = "drawn";

  /** @param actions `step(by)`, `close()` and `take(id, name)`, which continues with a token */
  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
    this.#build();
  }

  /** Shows a subject, or with null how to choose one. */
  show(subject) {
    const another = subject?.key !== this.#subject?.key;
    this.#subject = subject;
    this.#root.classList.toggle("empty", !subject);
    this.#parts.step.hidden = subject?.id === undefined;
    this.#parts.error.hidden = true;
    if (!subject) {
      this.#order = null;
      return;
    }
    this.#parts.before.textContent = subject.before;
    this.#parts.token.textContent = subject.token === undefined ? "?" : subject.token || "…";
    this.#parts.token.classList.toggle("coming", subject.id === undefined);
    if (another) {
      this.#temperature = subject.settings.temperature;
    }
    this.#parts.body.classList.toggle("waiting", !subject.distribution);
    if (subject.distribution) {
      this.#take(subject.distribution);
    }
  }

  /** Says why there is no distribution. */
  fail(message) {
    this.#parts.error.textContent = message;
    this.#parts.error.hidden = false;
  }

  /** Puts the focus on the slider. */
  focus() {
    this.#parts.slider.focus();
  }

  #build() {
    const p = this.#parts;
    p.step = element(
      "span",
      { class: "step", role: "group", "aria-label": "Token" },
      iconButton("before", "Token before", () => this.#actions.step(-1)),
      iconButton("after", "Next token", () => this.#actions.step(1)),
    );
    p.before = element("span", { class: "before" });
    p.token = element("mark");
    p.error = element("p", { class: "error", role: "alert", hidden: true });
    p.facts = element("p", { class: "facts" });
    p.picture = element("div", { class: "picture" });
    p.slider = element("input", {
      type: "range",
      min: 0,
      max: STEPS,
      step: 1,
      id: "temperature",
      oninput: () => this.#heat(Number(p.slider.value) / STEPS),
    });
    p.reset = element("button", { type: "button", class: "quiet small", onclick: () => this.#reset() }, "as drawn");
    p.temperature = element("output", { for: "temperature", class: "temperature" });
    p.entropy = element("output", { for: "temperature", class: "nats" });
    p.limit = element("p", { class: "limit" });
    p.rows = element("div", { class: "rows", role: "radiogroup", "aria-label": "Tokens", onchange: () => this.#choose() });
    p.fork = element("button", { type: "button", class: "primary", disabled: true, onclick: () => this.#fork() });
    p.stages = element("tbody");
    p.body = element(
      "div",
      { class: "body blank" },
      p.facts,
      element("div", { class: "axis" }, p.picture, p.slider, ticks((place) => this.#heat(place))),
      element(
        "div",
        { class: "figures" },
        element("label", { for: "temperature" }, element("span", { class: "unseen" }, "Temperature "), "τ = "),
        p.temperature,
        p.reset,
        element("span", { class: "space" }),
        element("span", { class: "dashed" }, "entropy "),
        p.entropy,
        element("span", {}, " nats"),
      ),
      choice("Distribution", "view", { drawn: "After the samplers", all: "All tokens" }, (view) => this.#see(view)),
      p.limit,
      p.rows,
      p.fork,
      element(
        "table",
        {},
        element("caption", {}, "What each sampler leaves"),
        element("thead", {}, row("th", ["sampler", "tokens", "of all", "entropy"])),
        p.stages,
      ),
    );
    this.#root.append(
      element(
        "header",
        {},
        element("h2", { id: "laboratory-title" }, "Temperature laboratory"),
        p.step,
        iconButton("close", "Close the laboratory", () => this.#actions.close(), { class: "quiet icon close" }),
      ),
      element(
        "p",
        { class: "invitation" },
        "Choose a word of an answer to see what it was drawn from. The stronger its colour, the less it was expected.",
      ),
      element("p", { class: "subject", dir: "auto" }, p.before, p.token),
      p.error,
      p.body,
      legend(),
    );
  }

  #take(distribution) {
    this.#order = distribution.order ??= ordered(distribution.logits);
    this.#names = new Map(distribution.candidates.map((candidate) => [candidate.id, candidate]));
    this.#listRows();
    this.#facts();
    this.#redraw();
    this.#parts.body.classList.remove("blank");
  }

  #facts() {
    const { id, logProb, distribution, settings } = this.#subject;
    const { pick } = distribution;
    if (id === undefined) {
      this.#parts.facts.textContent = "What comes next? Choose a token, or let one be drawn.";
      return;
    }
    const place = this.#order.ids.indexOf(id);
    const p = softmax(this.#order.logits, 1)[place];
    const drawn = sampled(this.#order.logits, chain(settings))[place] ?? 0;
    const bits = surprise(logProb ?? Math.log(p));
    const chosen = this.#subject.chosen ? " It was chosen, not drawn." : "";
    const draw = !chosen && pick?.id === id ? ` The draw was ${pick.draw.toFixed(4)}.` : "";
    this.#parts.facts.textContent =
      `Surprise ${format.bits(bits)} bits: ${format.percent(p)} in the model’s own distribution, ` +
      `${format.percent(drawn)} after the samplers.${chosen}${draw}`;
  }

  #listRows() {
    const { id } = this.#subject;
    const shown = Array.from(this.#order.ids.subarray(0, ROWS), (id, place) => ({ id, place }));
    const place = id === undefined ? -1 : this.#order.ids.indexOf(id);
    if (place >= ROWS) {
      shown.push({ id, place });
    }
    this.#rows = shown.map((token) => this.#row(token));
    this.#parts.rows.replaceChildren(...this.#rows.map((row) => row.element));
    if (this.#order.ids.length > shown.length) {
      const rest = bar("", format.grouped(this.#order.ids.length - shown.length) + " others");
      this.#rows.push({ ...rest, place: -1 });
      this.#parts.rows.append(rest.element);
    }
    this.#choose();
  }

  #row({ id, place }) {
    const name = this.#nameOf(id);
    const made = bar(place < MOST_CURVES ? `c${place}` : "", format.visible(name), {
      id,
      label: format.quoted(name),
      checked: id === this.#subject.id,
    });
    made.element.classList.toggle("picked", id === this.#subject.id);
    return { ...made, id, place };
  }

  #nameOf(id) {
    return this.#names.get(id)?.text ?? (id === this.#subject.id ? this.#subject.token : `#${id}`);
  }

  #reset() {
    this.#temperature = this.#subject.settings.temperature;
    this.#update();
    this.#parts.slider.focus();
  }

  #see(view) {
    this.#view = view;
    if (this.#order) {
      this.#redraw();
    }
  }

  #heat(place) {
    const exact = temperatureAt(place);
    this.#temperature = Number.isFinite(exact) ? Number(exact.toPrecision(3)) : exact;
    this.#update();
  }

  #probsAt(temperature) {
    const { logits } = this.#order;
    return this.#view === "all"
      ? softmax(logits, Math.fround(temperature))
      : sampled(logits, chain({ ...this.#subject.settings, temperature }));
  }

  #redraw() {
    this.#picture = curves(this.#order.logits.length, (temperature) => this.#probsAt(temperature));
    this.#parts.picture.replaceChildren(this.#picture);
    this.#update();
  }

  /** Everything that depends on the temperature. */
  #update() {
    if (!this.#order) {
      return;
    }
    const p = this.#parts;
    const temperature = this.#temperature;
    const place = placeOf(temperature);
    const probs = this.#probsAt(temperature);
    const nats = entropy(probs);
    p.slider.value = Math.round(place * STEPS);
    p.slider.setAttribute("aria-valuetext", `${format.spokenTemperature(temperature)}, entropy ${format.nats(nats)} nats`);
    p.temperature.textContent = format.temperature(temperature);
    p.entropy.textContent = format.nats(nats);
    p.entropy.dataset.nats = nats;
    p.reset.hidden = temperature === this.#subject.settings.temperature;
    p.limit.textContent = this.#limit(probs);
    moveTo(this.#picture, place);
    this.#fill(probs);
    const { stages } = sample(this.#order.logits, chain({ ...this.#subject.settings, temperature }));
    p.stages.replaceChildren(
      ...stages.map((stage) =>
        row("td", [format.stage(stage), format.grouped(stage.count), format.percent(stage.mass), format.nats(stage.entropy)]),
      ),
    );
  }

  #fill(probs) {
    let others = 1;
    for (const { place, show } of this.#rows) {
      if (place >= 0) {
        show(probs[place] ?? 0);
        others -= probs[place] ?? 0;
      }
    }
    const rest = this.#rows.at(-1);
    if (rest.place < 0) {
      // What is left by rounding alone is nothing.
      const shown = this.#rows.length - 1;
      rest.show(probs.length <= shown || probs[shown] === 0 ? 0 : Math.max(0, others));
    }
  }

  #limit(probs) {
    if (this.#temperature === 0) {
      const sharing = this.#view === "all" ? ties(this.#order.logits) : 1;
      return sharing === 1 ? "The limit: all on the largest logit." : `The limit: equal shares for the ${sharing} largest logits.`;
    }
    return this.#temperature === Infinity
      ? `The limit: equal shares for ${this.#view === "all" ? "all" : "the"} ${format.grouped(probs.length)} tokens${this.#view === "all" ? "" : " that the samplers leave"}.`
      : "";
  }

  #chosen() {
    const input = this.#parts.rows.querySelector("input:checked");
    return input ? Number(input.value) : null;
  }

  #choose() {
    const id = this.#chosen();
    const { fork } = this.#parts;
    fork.disabled = id === null;
    const word = id === null ? "a token" : format.quoted(this.#nameOf(id));
    fork.replaceChildren(
      icon("fork"),
      element("span", {}, this.#subject?.id === undefined ? `Go on with ${word}` : `Continue from here with ${word}`),
    );
  }

  #fork() {
    const id = this.#chosen();
    const place = this.#order.ids.indexOf(id);
    const logProb = Math.log(softmax(this.#order.logits, 1)[place]);
    this.#actions.take({ id, text: this.#nameOf(id), logProb });
  }
}

/** The samplers of settings, in the order in which the engine applies them, as the floats that it takes. */
function chain({ topK, topP, minP, temperature }) {
  return [
    { name: "top-k", value: topK },
    { name: "top-p", value: Math.fround(topP) },
    { name: "min-p", value: Math.fround(minP) },
    { name: "temperature", value: Math.fround(temperature) },
  ];
}

/** A bar with its name; one that can be chosen has an id. */
function bar(colour, text, choosable = null) {
  const name = element("span", { class: "name", dir: "auto" }, text);
  const fill = element("span", { class: `fill ${colour}` });
  const share = element("span", { class: "share" });
  const parts = [name, element("span", { class: "track" }, fill), share];
  const made = choosable
    ? element(
        "label",
        { class: "bar" },
        element("input", { type: "radio", name: "token", value: choosable.id, checked: choosable.checked }),
        ...parts,
      )
    : element("div", { class: "bar" }, ...parts);
  if (choosable) {
    name.setAttribute("title", choosable.label);
  }
  return {
    element: made,
    show(p) {
      fill.style.setProperty("--p", p);
      share.textContent = format.percent(p);
      made.dataset.p = p;
      made.classList.toggle("none", p === 0);
    },
  };
}

function ticks(heat) {
  return element(
    "div",
    { class: "ticks", "aria-hidden": "true" },
    ...TICKS.map((temperature) => {
      const tick = element("button", { type: "button", tabindex: -1 }, format.temperature(temperature));
      tick.style.setProperty("--place", placeOf(temperature));
      tick.addEventListener("click", () => heat(placeOf(temperature)));
      return tick;
    }),
  );
}

function choice(title, name, options, choose) {
  return element(
    "fieldset",
    { class: "choice" },
    element("legend", { class: "unseen" }, title),
    ...Object.entries(options).map(([value, text], i) =>
      element(
        "label",
        {},
        element("input", { type: "radio", name, value, checked: i === 0, onchange: () => choose(value) }),
        element("span", {}, text),
      ),
    ),
  );
}

function row(tag, texts) {
  return element(
    "tr",
    {},
    ...texts.map((text, i) => element(i === 0 ? "th" : tag, i === 0 ? { scope: tag === "th" ? "col" : "row" } : {}, text)),
  );
}

function legend() {
  return element(
    "p",
    { class: "legend", "aria-hidden": "true" },
    "surprise",
    element("span", { class: "scale" }),
    "10 bits and more",
  );
}
