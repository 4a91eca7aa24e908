// SPDX-License-Identifier: Apache-2.0
// Numbers and tokens as they are shown.

/** A probability as a percentage; without decimals it is exact. */
export function percent(p) {
  if (p === 0 || p === 1) {
    return `${p * 100} %`;
  }
  const value = 100 * p;
  if (value < 0.001) {
    return `${value.toExponential(1)} %`;
  }
  const digits = value >= 99.95 ? 4 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return `${Math.min(value, 99.9999).toFixed(digits)} %`;
}

/** A temperature: at most three digits that count. */
export function temperature(value) {
  return value === Infinity ? "∞" : String(Number(value.toPrecision(3)));
}

/** A temperature for the ear. */
export function spokenTemperature(value) {
  return value === Infinity ? "infinity" : temperature(value);
}

/** An entropy in nats; 0 without decimals is exact. */
export function nats(value) {
  return value === 0 ? "0" : value.toFixed(3);
}

/** A surprise in bits. */
export function bits(value) {
  return value < 0.05 ? "0.0" : value.toFixed(1);
}

/** A whole number with its thousands apart. */
export function grouped(count) {
  return count.toLocaleString("en");
}

/** What cannot be seen in a token, made visible. */
export function visible(text) {
  return text
    .replace(/ /g, "␣")
    .replace(/\n/g, "⏎")
    .replace(/\t/g, "⇥")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

/** A token for the ear, and for a sentence. */
export function quoted(text) {
  return `“${visible(text).replace(/^␣/, "").replaceAll("␣", " ")}”`;
}

/** The name of a sampler's stage, as `kelvin generate --sampler` takes it. */
export function stage({ name, value }) {
  return value === undefined ? name : `${name}=${value === Infinity ? "inf" : Number(value.toPrecision(6))}`;
}
