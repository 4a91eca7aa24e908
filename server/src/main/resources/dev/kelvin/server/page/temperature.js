// SPDX-License-Identifier: Apache-2.0
// The temperature softmax and the samplers, as pure functions.
//
// Every sampler here keeps the first few tokens of one order: largest logit first, of equal ones the lower id. So a
// distribution is that order, and what samplers leave of it is a count.

/**
 * The tokens that are not masked, most probable first.
 *
 * @param {Float32Array} logits one a token, −∞ where masked
 * @returns {{ids: Int32Array, logits: Float32Array}} ids in their order, and the logit of each
 */
export function ordered(logits) {
  let count = 0;
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id]) || logits[id] === Infinity) {
      throw new RangeError(`logit ${id} is ${logits[id]}`);
    }
    if (logits[id] !== -Infinity) {
      count++;
    }
  }
  if (count === 0) {
    throw new RangeError("every token is masked");
  }
  const ids = new Int32Array(count);
  let place = 0;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] !== -Infinity) {
      ids[place++] = id;
    }
  }
  ids.sort((a, b) => logits[b] - logits[a] || a - b);
  return { ids, logits: Float32Array.from(ids, (id) => logits[id]) };
}

/**
 * The softmax at a temperature, exact at both ends: at 0 those that share the largest logit share equally, at ∞ all do.
 *
 * @param {Float32Array} logits in descending order, none masked
 * @param {number} temperature in [0, ∞]
 * @param {number} [count] the softmax is over so many, the first
 * @returns {Float64Array} the probability of each
 */
export function softmax(logits, temperature, count = logits.length) {
  if (!(temperature >= 0)) {
    throw new RangeError(`temperature ${temperature} is not in [0, ∞]`);
  }
  const probs = new Float64Array(count);
  if (temperature === 0 || temperature === Infinity) {
    const sharing = temperature === 0 ? ties(logits, count) : count;
    return probs.fill(1 / sharing, 0, sharing);
  }
  // The largest is taken off before the division, so no temperature above 0 makes a NaN.
  let sum = 0;
  for (let i = 0; i < count; i++) {
    probs[i] = Math.exp((logits[i] - logits[0]) / temperature);
    sum += probs[i];
  }
  for (let i = 0; i < count; i++) {
    probs[i] /= sum;
  }
  return probs;
}

/** How many of the first tokens share the largest logit. */
export function ties(logits, count = logits.length) {
  let sharing = 1;
  while (sharing < count && logits[sharing] === logits[0]) {
    sharing++;
  }
  return sharing;
}

/** Shannon's entropy, −Σ p·ln p, in nats. */
export function entropy(probs) {
  let sum = 0;
  for (const p of probs) {
    if (p > 0) {
      sum -= p * Math.log(p);
    }
  }
  return sum + 0;
}

/** Where a temperature lies between its limits, in [0, 1]: τ/(1 + τ). */
export function placeOf(temperature) {
  return temperature === Infinity ? 1 : temperature / (1 + temperature);
}

/** The temperature at a place: the ends are exactly 0 and ∞. */
export function temperatureAt(place) {
  return place >= 1 ? Infinity : place <= 0 ? 0 : place / (1 - place);
}

/** −log₂ p of a token, in bits, from ln p. */
export function surprise(logProb) {
  return Math.max(0, -logProb / Math.LN2);
}

/**
 * What a chain of samplers leaves, stage by stage.
 *
 * @param {Float32Array} logits in descending order, none masked
 * @param {{name: string, value: number}[]} chain stages named top-k, top-p, min-p or temperature, in their order
 * @returns {{stages: {name: string, value: number, count: number, mass: number, entropy: number}[],
 *     probs: Float64Array}} the candidates that each stage leaves, their share of the softmax at τ = 1 and the entropy
 *     of the distribution over them; first an entry named logits. And the probabilities in the end, of as many tokens
 *     as are left
 */
export function sample(logits, chain) {
  const whole = softmax(logits, 1);
  const stages = [];
  let left = { count: logits.length, temperature: 1 };
  for (const stage of [{ name: "logits" }, ...chain]) {
    left = narrowed(logits, left, stage);
    stages.push({ ...stage, count: left.count, mass: mass(whole, left.count), entropy: entropy(probs(logits, left)) });
  }
  return { stages, probs: probs(logits, left) };
}

/** The probabilities in the end alone: {@link sample} without its account. */
export function sampled(logits, chain) {
  let left = { count: logits.length, temperature: 1 };
  for (const stage of chain) {
    left = narrowed(logits, left, stage);
  }
  return probs(logits, left);
}

const probs = (logits, left) => softmax(logits, left.temperature, left.count);

function narrowed(logits, left, { name, value }) {
  switch (name) {
    case "logits":
      return left;
    case "top-k":
      return value > 0 ? { ...left, count: Math.min(value, left.count) } : left;
    case "top-p":
      return value < 1 ? { ...left, count: fewest(probs(logits, left), value) } : left;
    case "min-p":
      return { ...left, count: atLeast(logits, left, value) };
    case "temperature":
      // As in the engine, the limit 0 of a chain is greedy: one candidate, of equal ones the lowest id.
      return value === 0
        ? { ...left, count: 1 }
        : { ...left, temperature: Math.max(left.temperature * value, Number.MIN_VALUE) };
    default:
      throw new RangeError(`no sampler is called ${name}`);
  }
}

/** How many of the first have a mass together. */
function fewest(probs, mass) {
  let sum = 0;
  for (let i = 0; i < probs.length; i++) {
    sum += probs[i];
    if (sum >= mass) {
      return i + 1;
    }
  }
  return probs.length;
}

/** How many have at least p times the largest probability: zᵢ ≥ max z + τ·ln p. */
function atLeast(logits, left, p) {
  if (p > 1) {
    return 1;
  }
  if (p === 0 || left.temperature === Infinity) {
    return left.count;
  }
  const threshold = logits[0] + left.temperature * Math.log(p);
  let count = 1;
  while (count < left.count && logits[count] >= threshold) {
    count++;
  }
  return count;
}

function mass(whole, count) {
  if (count === whole.length) {
    return 1;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += whole[i];
  }
  return Math.min(1, sum);
}
