// SPDX-License-Identifier: Apache-2.0
// The turns of a conversation as they are read: words, colours of surprise, and what can be done with each turn.

import { textOf, versions } from "./conversation.js";
import { element, icon, iconButton, say } from "./dom.js";
import { surprise } from "./temperature.js";

/** Bits from which on a token has the full colour. */
const MOST_BITS = 10;

/** The view of one conversation. */
export class Thread {
  #root;
  #actions;
  #views = new Map();
  #selected = null;

  /**
   * @param actions `edit(turn, text)`, `again(turn)`, `goOn(turn)`, `show(turn)` another version, `inspect(turn, piece)`
   */
  constructor(root, actions) {
    this.#root = root;
    this.#actions = actions;
    root.addEventListener("click", ({ target }) => {
      const token = target.closest(".token");
      if (token && getSelection().isCollapsed) {
        actions.inspect(token.closest(".turn").dataset.turn, Number(token.dataset.piece));
      }
    });
  }

  /** Shows the turns of a conversation anew; `running` is the id of the one that is being written. */
  show(conversation, turns, running = null) {
    const atEnd = this.#atEnd();
    this.#views.clear();
    // The words of a story are one text, and have one direction.
    const list = element("div", { class: conversation.chat ? "turns" : "turns story", dir: conversation.chat ? null : "auto" });
    list.append(...turns.map((turn) => this.#turn(conversation, turn, turn.id === running)));
    this.#root.replaceChildren(list);
    if (atEnd) {
      this.toEnd();
    }
  }

  /** Shows what stands instead of turns. */
  invite(...children) {
    this.#views.clear();
    this.#root.replaceChildren(element("div", { class: "welcome" }, ...children));
  }

  /** Shows a piece that was just appended to a turn. */
  append(turn, piece) {
    const view = this.#views.get(turn.id);
    if (view) {
      const atEnd = this.#atEnd();
      view.append(piece, turn.pieces.length - 1);
      if (atEnd) {
        this.toEnd();
      }
    }
  }

  /** Marks the token that the laboratory shows. */
  select(turnId, piece) {
    this.#selected?.classList.remove("selected");
    this.#selected = this.#root.querySelector(`[data-turn="${CSS.escape(turnId ?? "")}"] [data-piece="${piece}"]`);
    this.#selected?.classList.add("selected");
    this.#selected?.scrollIntoView({ block: "nearest" });
  }

  /** Scrolls to the last line. */
  toEnd() {
    this.#root.scrollTop = this.#root.scrollHeight;
  }

  #atEnd() {
    return this.#root.scrollHeight - this.#root.scrollTop - this.#root.clientHeight < 48;
  }

  #turn(conversation, turn, running) {
    return turn.role === "user" ? this.#said(conversation, turn) : this.#answered(conversation, turn, running);
  }

  #said(conversation, turn) {
    const { chat } = conversation;
    const text = element("p", { class: "text", dir: chat && "auto" }, turn.text);
    const view = element("article", { class: "turn user", "data-turn": turn.id, "aria-label": chat ? "You" : "Your words" }, text);
    if (chat) {
      const bar = element("div", { class: "bar-of-turn" }, ...this.#toolsOfSaid(conversation, turn), copyButton(() => turn.text));
      view.append(bar);
    }
    return view;
  }

  #toolsOfSaid(conversation, turn) {
    const label = conversation.chat ? "Edit" : "Edit the words before it";
    return [this.#versions(conversation, turn), iconButton("edit", label, () => this.#edit(turn))];
  }

  #edit(turn) {
    const view = this.#root.querySelector(`[data-turn="${turn.id}"]`);
    const before = document.activeElement;
    const area = element("textarea", { rows: 2, "aria-label": "Edit" });
    area.value = turn.text;
    const end = () => {
      form.replaceWith(...hidden);
      before.focus();
    };
    const form = element(
      "form",
      {
        class: "editor",
        onsubmit: (event) => {
          event.preventDefault();
          if (area.value.trim()) {
            this.#actions.edit(turn, area.value);
          }
        },
        onkeydown: (event) => {
          if (event.key === "Escape") {
            event.stopPropagation();
            end();
          } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            form.requestSubmit();
          }
        },
      },
      area,
      element(
        "div",
        { class: "row" },
        element("button", { type: "button", class: "quiet", onclick: end }, "Cancel"),
        element("button", { type: "submit", class: "primary" }, "Send"),
      ),
    );
    const hidden = [...view.children];
    view.replaceChildren(form);
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }

  #answered(conversation, turn, running) {
    const dir = conversation.chat && "auto";
    const thought = element("p", { class: "text", dir });
    const thinking = element("details", { class: "thinking", hidden: true }, element("summary", {}, "Thoughts"), thought);
    const text = element("p", { class: "text", dir });
    const view = element("article", { class: "turn model", "data-turn": turn.id, "aria-label": "Answer" }, thinking, text);
    view.classList.toggle("running", running);
    const append = (piece, i) => {
      const target = piece.part === "reasoning" ? thought : text;
      thinking.hidden &&= piece.part !== "reasoning";
      target.append(token(piece, i));
    };
    turn.pieces.forEach(append);
    this.#views.set(turn.id, { append });
    if (turn.error) {
      view.append(element("p", { class: "error", role: "alert" }, turn.error));
    }
    if (!running) {
      view.append(this.#toolsOfAnswer(conversation, turn));
    }
    return view;
  }

  #toolsOfAnswer(conversation, turn) {
    const said = conversation.chat ? null : conversation.turns[turn.parent];
    const goesOn = turn.finish !== "stop" && turn.pieces.length > 0;
    return element(
      "div",
      { class: "bar-of-turn" },
      ...(said?.role === "user" ? this.#toolsOfSaid(conversation, said) : []),
      this.#versions(conversation, turn),
      iconButton("again", "Write it anew", () => this.#actions.again(turn)),
      copyButton(() => textOf(turn)),
      turn.pieces.length > 0 ? iconButton("thermometer", "Look into this answer", () => this.#actions.inspect(turn.id, 0, true)) : "",
      goesOn ? iconButton("more", "Go on", () => this.#actions.goOn(turn)) : "",
    );
  }

  #versions(conversation, turn) {
    const all = versions(conversation, turn);
    if (all.length === 1) {
      return "";
    }
    const at = all.indexOf(turn);
    const move = (to) => () => this.#actions.show(all[to]);
    const what = turn.role === "user" ? "Your words" : "Answers";
    return element(
      "span",
      { class: "versions", role: "group", "aria-label": what },
      iconButton("before", "Version before", move(at - 1), { disabled: at === 0 }),
      element("span", {}, element("span", { class: "unseen" }, "Version "), `${at + 1}/${all.length}`),
      iconButton("after", "Next version", move(at + 1), { disabled: at === all.length - 1 }),
    );
  }
}

/** A piece of an answer. The space before a word is no part of what is coloured. */
function token(piece, i) {
  const [, space, word] = /^(\s*)(.*)$/s.exec(piece.text);
  const made = element("span", {}, ...(word === "" ? [element("span", {}, space)] : [space, element("span", {}, word)]));
  if (piece.ids.length > 0) {
    made.className = piece.chosen ? "token chosen" : "token";
    made.dataset.piece = i;
    if (piece.logProb !== null) {
      const bits = surprise(piece.logProb);
      made.dataset.bits = bits.toFixed(2);
      made.style.setProperty("--surprise", Math.min(1, bits / MOST_BITS));
    }
  }
  return made;
}

function copyButton(text) {
  const button = iconButton("copy", "Copy", async () => {
    await navigator.clipboard.writeText(text());
    button.replaceChildren(icon("done"));
    say("Copied");
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  });
  return button;
}

