// SPDX-License-Identifier: Apache-2.0
// Elements are made one by one and texts are set as texts: nothing that a model or a user writes is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  begin: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  tune: "M4 8h9M19 8h1M4 16h1M11 16h9M16 5.5v5M8 13.5v5",
  thermometer: "M12 3a2.5 2.5 0 0 0-2.5 2.5v8.2a4.5 4.5 0 1 0 5 0V5.5A2.5 2.5 0 0 0 12 3zM12 9v8",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  again: "M19 12a7 7 0 1 1-2-5M19 4v4h-4",
  copy: "M9 9h10v10H9zM5 15V5h10",
  done: "M5 12l5 5 9-10",
  before: "M14 6l-6 6 6 6",
  after: "M10 6l6 6-6 6",
  close: "M6 6l12 12M18 6L6 18",
  remove: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  more: "M5 12h14M13 6l6 6-6 6",
  fork: "M7 5v14M7 13c0-4 10-2 10-8M14 8l3-3 3 3",
};

/**
 * An element.
 *
 * @param {string} tag
 * @param {Object<string, any>} [attributes] those named on… are listeners; null and false are left out
 * @param {...(Node|string)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== false && value !== undefined) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children);
  return made;
}

/** A drawing of lines, which the text beside it or the label of its button puts into words. */
export function icon(name) {
  const drawing = shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "drawing" });
  drawing.append(shape("path", { d: PATHS[name] }));
  return drawing;
}

/** An element of SVG. */
export function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  return made;
}

/** A button with a drawing alone; its label is told and shown as a hint. */
export function iconButton(name, label, onclick, attributes = {}) {
  const button = { type: "button", class: "quiet icon", "aria-label": label, title: label, onclick };
  return element("button", { ...button, ...attributes }, icon(name));
}

/** Tells a screen reader, once. */
export function say(text) {
  document.getElementById("status").textContent = text;
}
