// SPDX-License-Identifier: Apache-2.0
// OpenAI's own client against the server: `node openai.js CHECK URL` ends with 0 if the check holds. URL is that of a model
// that writes, for embeddings that of an encoder.
import assert from 'node:assert/strict';
import OpenAI, { BadRequestError } from 'openai';

const [, , check, url] = process.argv;
const client = new OpenAI({ baseURL: url + 'v1', apiKey: 'none', maxRetries: 0 });
const question = [{ role: 'user', content: 'Tell me a story.' }];
const short = { model: 'stories', messages: question, seed: 3, max_completion_tokens: 20 };
// What is drawn alike from all that a grammar allows comes to an end soon.
const constrained = { ...short, temperature: 'inf', max_completion_tokens: 300 };
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { enum: ['Oslo', 'Rome'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};
const colours = {
  type: 'object',
  properties: { colour: { enum: ['red', 'blue'] } },
  required: ['colour'],
  additionalProperties: false,
};

const checks = {
  async chat() {
    const answer = await client.chat.completions.create(short);
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.choices[0].message.role, 'assistant');
    assert.ok(answer.choices[0].message.content.length > 0);
    assert.equal(answer.usage.completion_tokens, 20);
    assert.equal(answer.choices[0].finish_reason, 'length');
    const again = await client.chat.completions.create(short);
    assert.equal(again.choices[0].message.content, answer.choices[0].message.content, 'equal seed, equal bytes');
    assert.equal(again.system_fingerprint, answer.system_fingerprint);
  },

  async stream() {
    const whole = await client.chat.completions.create(short);
    const stream = await client.chat.completions.create({
      ...short,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.equal(usage.completion_tokens, 20);
    const runner = client.chat.completions.stream(short);
    assert.equal(await runner.finalContent(), text);
    const abandoned = await client.chat.completions.create({ ...short, max_completion_tokens: 400, stream: true });
    for await (const _ of abandoned) {
      break; // The client closes the connection; the server must go on with the next request.
    }
    assert.equal((await client.chat.completions.create(short)).choices[0].message.content, text);
  },

  async tools() {
    const asked = { ...constrained, tools: [weather], tool_choice: 'required', parallel_tool_calls: false };
    const answer = await client.chat.completions.create(asked);
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    assert.equal(call.function.name, 'weather');
    const found = JSON.parse(call.function.arguments);
    assert.ok(['Oslo', 'Rome'].includes(found.city));
    const streamed = await client.chat.completions.stream(asked).finalChatCompletion();
    assert.deepEqual(JSON.parse(streamed.choices[0].message.tool_calls[0].function.arguments), found);
    const reply = await client.chat.completions.create({
      ...short,
      tools: [weather],
      tool_choice: 'none',
      messages: [...question, answer.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'Rain.' }],
    });
    assert.ok(!reply.choices[0].message.tool_calls);
  },

  async schema() {
    const answer = await client.chat.completions.parse({
      ...constrained,
      response_format: { type: 'json_schema', json_schema: { name: 'colour', schema: colours, strict: true } },
    });
    assert.ok(['red', 'blue'].includes(answer.choices[0].message.parsed.colour));
    const wrong = { type: 'json_schema', json_schema: { name: 'x', schema: { contentEncoding: 'base64', type: 'stone' } } };
    await assert.rejects(client.chat.completions.create({ ...constrained, response_format: wrong }), BadRequestError);
  },

  async logprobs() {
    const answer = await client.chat.completions.create({ ...short, logprobs: true, top_logprobs: 3 });
    const { content } = answer.choices[0].logprobs;
    assert.equal(content.length, 20);
    for (const token of content) {
      assert.equal(token.top_logprobs.length, 3);
      assert.ok(token.logprob <= 0 && token.top_logprobs[0].logprob >= token.top_logprobs[1].logprob);
      assert.equal(new TextDecoder().decode(new Uint8Array(token.bytes)), token.token);
    }
    assert.equal(content.map((token) => token.token).join(''), answer.choices[0].message.content);
    const text = await client.completions.create({ model: 'stories', prompt: 'Once', max_tokens: 5, logprobs: 2, seed: 1 });
    assert.equal(text.choices[0].logprobs.token_logprobs.length, 5);
  },

  async responses() {
    const asked = { model: 'stories', input: 'Tell me a story.', max_output_tokens: 16, temperature: 0 };
    const answer = await client.responses.create(asked);
    assert.equal(answer.usage.output_tokens, 16);
    assert.ok(answer.output_text.length > 0);
    let text = '';
    for await (const event of await client.responses.create({ ...asked, stream: true })) {
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }
    assert.equal(text, answer.output_text);
    const kept = await client.responses.create({ ...asked, input: 'Go on.', previous_response_id: answer.id });
    assert.equal(kept.previous_response_id, answer.id);
    assert.equal((await client.models.list()).data[0].id, 'stories');
  },

  async embeddings() {
    // The client asks for base64 unless told otherwise and gives floats back.
    const coded = await client.embeddings.create({ model: 'bert', input: [[1, 5, 9], [3, 4]] });
    const plain = await client.embeddings.create({ model: 'bert', input: [[1, 5, 9], [3, 4]], encoding_format: 'float' });
    assert.equal(coded.data.length, 2);
    assert.deepEqual(coded.data.map((each) => each.embedding.map(Math.fround)),
        plain.data.map((each) => each.embedding.map(Math.fround)));
    assert.ok(Math.abs(coded.data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
  },
};

await checks[check]();
