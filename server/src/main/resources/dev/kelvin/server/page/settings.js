// SPDX-License-Identifier: Apache-2.0
// How tokens are drawn: what the next answer is asked for with.

import { element, icon } from "./dom.js";
import * as format from "./format.js";
import { keepSettings, settings as kept } from "./storage.js";
import { placeOf, temperatureAt } from "./temperature.js";

const STEPS = 1000;

/** The panel. `values` holds temperature, topK, topP, minP, maxTokens, seed (null for a new one each time), system. */
export class Settings {
  values = kept();
  #button = document.getElementById("tune");
  #changed;

  /**
   * @param {boolean} chat whether the model takes instructions
   * @param {function()} changed is called after each change
   */
  constructor(chat, changed) {
    this.#changed = changed;
    const { values } = this;
    const output = element("output", { for: "set-temperature" });
    const slider = element("input", { id: "set-temperature", type: "range", min: 0, max: STEPS, step: 1 });
    const tell = () => {
      output.textContent = format.temperature(values.temperature);
      slider.setAttribute("aria-valuetext", format.spokenTemperature(values.temperature));
    };
    slider.value = Math.round(placeOf(values.temperature) * STEPS);
    slider.addEventListener("input", () => {
      const exact = temperatureAt(Number(slider.value) / STEPS);
      this.#set("temperature", Number.isFinite(exact) ? Number(exact.toPrecision(2)) : exact);
      tell();
    });
    tell();
    const system = element("textarea", { id: "set-system", rows: 3 });
    system.value = values.system;
    system.addEventListener("input", () => this.#set("system", system.value));
    document.getElementById("settings").append(
      element("h2", { id: "settings-title" }, "How tokens are drawn"),
      element("div", { class: "setting" }, element("label", { for: "set-temperature" }, "Temperature"), output, slider),
      this.#number("topK", "Top-k", "the most probable so many; 0 for all", { min: 0, step: 1 }),
      this.#number("topP", "Top-p", "the fewest with this probability together", { min: 0, max: 1, step: 0.01 }),
      this.#number("minP", "Min-p", "at least so many times the most probable", { min: 0, max: 1, step: 0.01 }),
      this.#number("maxTokens", "Tokens at most", "of one answer", { min: 1, step: 1 }),
      this.#number("seed", "Seed", "empty: a new one each time", { min: 0, step: 1, max: Number.MAX_SAFE_INTEGER }),
      ...(chat ? [element("div", { class: "setting" }, element("label", { for: "set-system" }, "Instructions"), system)] : []),
    );
    this.#name();
  }

  #number(key, label, hint, limits) {
    const id = `set-${key}`;
    const input = element("input", { id, type: "number", required: key !== "seed", "aria-describedby": `${id}-hint`, ...limits });
    input.value = this.values[key] ?? "";
    input.addEventListener("input", () => {
      if (input.checkValidity()) {
        this.#set(key, input.value === "" ? null : Number(input.value));
      }
    });
    return element(
      "div",
      { class: "setting" },
      element("label", { for: id }, label),
      input,
      element("small", { id: `${id}-hint` }, hint),
    );
  }

  #set(key, value) {
    this.values[key] = value;
    keepSettings(this.values);
    this.#name();
    this.#changed();
  }

  #name() {
    const temperature = format.temperature(this.values.temperature);
    const label = `How tokens are drawn: temperature ${format.spokenTemperature(this.values.temperature)}`;
    this.#button.setAttribute("aria-label", label);
    this.#button.replaceChildren(icon("tune"), element("span", {}, `τ ${temperature}`));
  }
}
