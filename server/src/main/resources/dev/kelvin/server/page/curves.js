// SPDX-License-Identifier: Apache-2.0
// The picture above the slider: probabilities and entropy over all temperatures, on the axis τ/(1 + τ).

import { shape } from "./dom.js";
import { entropy, temperatureAt } from "./temperature.js";

const WIDTH = 1000;
const HEIGHT = 300;

/** Curves that can be told apart. */
export const MOST_CURVES = 6;

/** Where a large vocabulary begins, for which fewer points are computed. */
const MANY = 20_000;

/**
 * Draws the curves of the most probable tokens.
 *
 * @param {number} size how many tokens the distribution has
 * @param {function(number): Float64Array} probsAt the probabilities at a temperature, most probable first
 * @returns {SVGElement} of any width; {@link moveTo} shows a place on it
 */
export function curves(size, probsAt) {
  const points = size > MANY ? 61 : 161;
  const lines = Array.from({ length: Math.min(size, MOST_CURVES) }, () => []);
  const entropies = [];
  for (let point = 0; point < points; point++) {
    const probs = probsAt(temperatureAt(point / (points - 1)));
    lines.forEach((line, i) => line.push(probs[i] ?? 0));
    entropies.push(entropy(probs));
  }
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "curves" });
  picture.setAttribute("aria-hidden", "true");
  for (const y of [0, 0.5, 1]) {
    picture.append(shape("line", { x1: 0, x2: WIDTH, y1: y * HEIGHT, y2: y * HEIGHT, class: "grid" }));
  }
  picture.append(line(entropies, Math.max(entropies.at(-1), Number.MIN_VALUE), "entropy"));
  for (let i = lines.length - 1; i >= 0; i--) {
    picture.append(line(lines[i], 1, `curve c${i}`));
  }
  picture.append(shape("line", { x1: 0, x2: 0, y1: 0, y2: HEIGHT, class: "place" }));
  return picture;
}

/** Shows a place of the axis, in [0, 1]. */
export function moveTo(picture, place) {
  const line = picture.querySelector(".place");
  line.setAttribute("x1", place * WIDTH);
  line.setAttribute("x2", place * WIDTH);
}

function line(values, most, name) {
  const points = values.map((value, i) => {
    const x = (i / (values.length - 1)) * WIDTH;
    const y = (1 - Math.min(1, value / most)) * HEIGHT;
    return `${x.toFixed(1)},${y.toFixed(2)}`;
  });
  return shape("polyline", { points: points.join(" "), class: name });
}
