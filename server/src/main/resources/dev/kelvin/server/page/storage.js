// SPDX-License-Identifier: Apache-2.0
// Conversations in the browser's own database, settings in its local storage. Where a browser forbids either, the page
// works and forgets.

const STANDARD = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, maxTokens: 512, seed: null, system: "" };

let database = null;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** All conversations, the last changed one first. */
export async function conversations() {
  try {
    const request = indexedDB.open("kelvin", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("conversations", { keyPath: "id" });
    database = await done(request);
    const all = await done(store("readonly").getAll());
    return all.sort((a, b) => b.changed - a.changed);
  } catch {
    database = null;
    return [];
  }
}

function store(mode) {
  return database.transaction("conversations", mode).objectStore("conversations");
}

/** Keeps a conversation as it is now. */
export async function keep(conversation) {
  if (database) {
    await done(store("readwrite").put(conversation));
  }
}

/** Forgets a conversation. */
export async function forget(id) {
  if (database) {
    await done(store("readwrite").delete(id));
  }
}

/** What was set last, or the standard. */
export function settings() {
  try {
    const kept = JSON.parse(localStorage.getItem("settings")) ?? {};
    return { ...STANDARD, ...kept, temperature: kept.temperature === "inf" ? Infinity : (kept.temperature ?? STANDARD.temperature) };
  } catch {
    return { ...STANDARD };
  }
}

/** Keeps settings; JSON has no ∞. */
export function keepSettings(settings) {
  remember("settings", JSON.stringify({ ...settings, temperature: settings.temperature === Infinity ? "inf" : settings.temperature }));
}

/** Keeps a word under a name; null forgets it. */
export function remember(name, value) {
  try {
    if (value === null) {
      localStorage.removeItem(name);
    } else {
      localStorage.setItem(name, value);
    }
  } catch {
    // The page works without.
  }
}

/** The word under a name, or null. */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
