// SPDX-License-Identifier: Apache-2.0
// The list of conversations and the colours of the page. Where there is no room beside the text, it opens over it.

import { titleOf } from "./conversation.js";
import { element, icon, iconButton } from "./dom.js";
import { remember, remembered } from "./storage.js";

const narrow = matchMedia("(max-width: 899px)");

/** The view. */
export class Sidebar {
  #root = document.getElementById("sidebar");
  #list = document.getElementById("conversations");
  #menu = document.getElementById("menu");
  #actions;

  /** @param actions `begin()`, `open(conversation)`, `remove(conversation)` */
  constructor(actions) {
    this.#actions = actions;
    const begin = document.getElementById("begin");
    begin.append(icon("begin"), element("span", {}, "New"));
    begin.addEventListener("click", () => {
      this.close();
      actions.begin();
    });
    this.#menu.append(icon("menu"));
    this.#menu.addEventListener("click", () => this.#root.showPopover());
    this.#root.addEventListener("toggle", ({ newState }) => {
      this.#menu.setAttribute("aria-expanded", newState === "open");
    });
    const fit = () => (narrow.matches ? this.#root.setAttribute("popover", "auto") : this.#root.removeAttribute("popover"));
    narrow.addEventListener("change", fit);
    fit();
    chooseTheme();
  }

  /** Closes it where it lies over the text. */
  close() {
    if (this.#root.matches(":popover-open")) {
      this.#root.hidePopover();
    }
  }

  /** Lists conversations, the current one marked. */
  show(conversations, current) {
    this.#list.replaceChildren(
      ...conversations.map((conversation) => {
        const title = titleOf(conversation) || "Empty";
        const open = () => {
          this.close();
          this.#actions.open(conversation);
        };
        return element(
          "li",
          { "data-conversation": conversation.id },
          element("button", { type: "button", class: "quiet title", dir: "auto", "aria-current": conversation === current && "true", onclick: open }, title),
          iconButton("remove", `Delete ${title}`, () => this.#actions.remove(conversation), { class: "quiet icon remove" }),
        );
      }),
    );
  }
}

function chooseTheme() {
  const theme = document.getElementById("theme");
  const chosen = remembered("theme") ?? "auto";
  theme.querySelector(`[value="${chosen === "light" || chosen === "dark" ? chosen : "auto"}"]`).checked = true;
  theme.addEventListener("change", ({ target }) => {
    if (target.value === "auto") {
      delete document.documentElement.dataset.theme;
    } else {
      document.documentElement.dataset.theme = target.value;
    }
    remember("theme", target.value === "auto" ? null : target.value);
  });
}
