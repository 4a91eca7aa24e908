// SPDX-License-Identifier: Apache-2.0
// The server's endpoints, as the page uses them.

import { chunk, events } from "./stream.js";

let key = sessionStorage.getItem("key");
let keyAsked = async () => null;

/** Takes the function that asks the user for a key, where the server wants one. */
export function whenKeyIsMissing(ask) {
  keyAsked = ask;
}

/** A refusal in the server's words. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function request(path, body, signal) {
  const options = {
    method: body ? "POST" : "GET",
    headers: { ...(body && { "Content-Type": "application/json" }), ...(key && { Authorization: `Bearer ${key}` }) },
    body: body && JSON.stringify(body),
    signal,
  };
  const answer = await fetch(path, options);
  if (answer.status === 401) {
    const entered = await keyAsked(key !== null);
    if (entered) {
      key = entered;
      sessionStorage.setItem("key", key);
      return request(path, body, signal);
    }
  }
  if (!answer.ok) {
    throw new Refusal(answer.status, await reason(answer));
  }
  return answer;
}

async function reason(answer) {
  const text = await answer.text();
  let message;
  try {
    message = JSON.parse(text).error.message;
  } catch {
    message = text.slice(0, 300) || `status ${answer.status}`;
  }
  const wait = answer.headers.get("Retry-After");
  return wait ? `${message} Try again in ${wait} s.` : message;
}

/** The model that is served: its name, and whether it has been taught to chat. */
export async function model() {
  const { name, chats } = await (await request("kelvin/model")).json();
  return { name, chats };
}

/**
 * Asks for an answer.
 *
 * @param {{model: string, prompt?: string|number[], messages?: object[], settings: object, seed: number,
 *     signal: AbortSignal}} wanted either a prompt to continue or the messages of a chat
 * @returns an async iterator of what {@link chunk} reads
 */
export async function* answer({ model, prompt, messages, settings, seed, signal }) {
  const asked = messages
    ? { messages, max_completion_tokens: settings.maxTokens }
    : { prompt, max_tokens: settings.maxTokens };
  const body = { model, ...asked, ...samplers(settings), seed, stream: true, kelvin: { tokens: true } };
  const stream = await request(messages ? "v1/chat/completions" : "v1/completions", body, signal);
  for await (const data of events(stream.body)) {
    if (data === "[DONE]") {
      return;
    }
    yield chunk(JSON.parse(data));
  }
  throw new Error("The connection ended before the answer did.");
}

/**
 * What the token after a text is drawn from.
 *
 * @param {{prompt?: string, ids?: number[]}} text as words or as tokens
 * @returns the ids of the text, `logits` (one a token, −∞ where masked), `candidates`, the most probable with their
 *     words, and the `pick` of the seed
 */
export async function distribution(text, { settings, seed, signal }) {
  const body = { ...text, ...samplers(settings), seed, top: 64, logits: true };
  const { ids, logits, candidates, pick } = await (await request("kelvin/next", body, signal)).json();
  return { ids, logits: Float32Array.from(logits, (logit) => logit ?? -Infinity), candidates, pick };
}

/** The tokens that a model reads of a `prompt` or of `messages`. */
export async function promptIds(text) {
  const { ids } = await (await request("kelvin/next", { ...text, top: 1, logits: false })).json();
  return ids;
}

function samplers(settings) {
  return {
    temperature: settings.temperature === Infinity ? "inf" : settings.temperature,
    top_k: settings.topK,
    top_p: settings.topP,
    min_p: settings.minP,
  };
}
