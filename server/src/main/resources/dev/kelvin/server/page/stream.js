// SPDX-License-Identifier: Apache-2.0
// Server-sent events, and what the streams of an answer say of its tokens.

/**
 * The data of each event of a stream, as they come: https://html.spec.whatwg.org/multipage/server-sent-events.html.
 *
 * @param {ReadableStream<Uint8Array>} body
 */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      // A carriage return at the end may be half of a line's end.
      const text = rest + value;
      const end = text.endsWith("\r") ? text.length - 1 : text.length;
      const lines = text.slice(0, end).split(/\r\n|\r|\n/);
      rest = lines.pop() + text.slice(end);
      for (const line of lines) {
        if (line === "") {
          if (data.length > 0) {
            yield data.join("\n");
          }
          data = [];
        } else if (line.startsWith("data:")) {
          data.push(line.slice(line[5] === " " ? 6 : 5));
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * What one chunk of `/v1/completions` or `/v1/chat/completions` brings, asked for with `"kelvin": {"tokens": true}`.
 *
 * @returns {{pieces: object[], finish?: string}} pieces have the `text` to show, the `ids` of the
 *     tokens that made it, the `logProb` of them together in nats at τ = 1, and `part`, which is `reasoning` or `content`
 */
export function chunk(json) {
  if (json.error) {
    throw new Error(json.error.message ?? "the server gave up");
  }
  const choice = json.choices?.[0];
  if (!choice) {
    return { pieces: [] };
  }
  const tokens = choice.kelvin?.tokens ?? [];
  const ids = tokens.map((token) => token.id);
  const logProb = tokens.length > 0 ? tokens.reduce((sum, token) => sum + token.logprob, 0) : null;
  const reasoning = choice.delta?.reasoning_content ?? "";
  const text = choice.text ?? choice.delta?.content ?? "";
  const pieces = [];
  if (reasoning !== "") {
    pieces.push({ text: reasoning, part: "reasoning", ids: text === "" ? ids : [], logProb });
  }
  if (text !== "" || (reasoning === "" && ids.length > 0)) {
    pieces.push({ text, part: "content", ids, logProb });
  }
  return { pieces, finish: choice.finish_reason ?? undefined };
}
