// SPDX-License-Identifier: Apache-2.0
// The field to write in, and the button that sends or stops.

import { element, icon } from "./dom.js";

/** The view. */
export class Composer {
  #form = document.getElementById("composer");
  #text = document.getElementById("text");
  #button = document.getElementById("send");
  #hint = document.getElementById("hint");
  #running = false;
  #mayBeEmpty = false;

  /** @param actions `send(text)`, `stop()`, `typed(text)` */
  constructor(actions) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#running) {
        actions.stop();
      } else if (this.text.trim() || this.#mayBeEmpty) {
        actions.send(this.text);
      }
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        if (!this.#running) {
          this.#form.requestSubmit();
        }
      }
    });
    this.#text.addEventListener("input", () => {
      this.#enable();
      actions.typed(this.text);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.#running && !event.defaultPrevented) {
        actions.stop();
      }
    });
  }

  get text() {
    return this.#text.value;
  }

  set text(text) {
    this.#text.value = text;
    this.#enable();
  }

  /** Sets what the field is for. */
  ask({ label, placeholder, hint, verb, mayBeEmpty }) {
    document.getElementById("text-label").textContent = label;
    this.#text.placeholder = placeholder;
    this.#hint.textContent = hint;
    this.#button.dataset.verb = verb;
    this.#mayBeEmpty = mayBeEmpty;
    this.#draw();
  }

  /** Whether an answer is being written: then the button stops it. */
  set running(running) {
    this.#running = running;
    this.#draw();
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  #draw() {
    const verb = this.#running ? "Stop" : this.#button.dataset.verb;
    this.#button.replaceChildren(icon(this.#running ? "stop" : "send"), element("span", {}, verb));
    this.#button.classList.toggle("stop", this.#running);
    this.#enable();
  }

  #enable() {
    this.#button.disabled = !this.#running && !this.#mayBeEmpty && !this.text.trim();
  }
}
