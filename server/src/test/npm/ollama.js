// SPDX-License-Identifier: Apache-2.0
// Ollama's own client against the server: `node ollama.js CHECK URL` ends with 0 if the check holds. URL is that of a model
// that writes, for embeddings that of an encoder.
import assert from 'node:assert/strict';
import { Ollama } from 'ollama';

const [, , check, url] = process.argv;
const client = new Ollama({ host: url });
const messages = [{ role: 'user', content: 'A story.' }];
const short = { model: 'stories', messages, options: { seed: 2, num_predict: 12 } };
// What is drawn alike from all that a grammar allows comes to an end soon.
const constrained = { ...short, options: { seed: 2, temperature: 'inf', top_k: 0, top_p: 1, num_predict: 300 } };

const checks = {
  async chat() {
    const answer = await client.chat(short);
    assert.equal(answer.message.role, 'assistant');
    assert.ok(answer.message.content.length > 0);
    assert.equal(answer.eval_count, 12);
    assert.equal(answer.done_reason, 'length');
    assert.equal((await client.chat(short)).message.content, answer.message.content, 'equal seed, equal bytes');
  },

  async stream() {
    const whole = await client.chat(short);
    let text = '';
    let last;
    for await (const piece of await client.chat({ ...short, stream: true })) {
      text += piece.message.content;
      last = piece;
    }
    assert.equal(text, whole.message.content);
    assert.ok(last.done && last.eval_count === 12);
    const prompt = { model: 'stories', prompt: 'Once upon a time', options: short.options };
    let told = '';
    for await (const piece of await client.generate({ ...prompt, stream: true })) {
      told += piece.response;
    }
    assert.equal(told, (await client.generate(prompt)).response);
  },

  async tools() {
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string', enum: ['Oslo', 'Rome'] } },
      required: ['city'],
      additionalProperties: false,
    };
    const answer = await client.chat({
      ...short,
      messages: [
        ...messages,
        { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { city: 'Oslo' } } }] },
        { role: 'tool', tool_name: 'weather', content: 'Rain.' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', description: 'The weather.', parameters } }],
    });
    assert.ok(answer.message.content.length + (answer.message.tool_calls?.length ?? 0) > 0);
    // A choice is Kelvin's addition to this interface; the client passes it on.
    const tools = [{ type: 'function', function: { name: 'weather', parameters } }];
    const asked = { ...constrained, tools, tool_choice: 'required' };
    const { message } = await client.chat(asked);
    assert.equal(message.tool_calls[0].function.name, 'weather');
    assert.ok(['Oslo', 'Rome'].includes(message.tool_calls[0].function.arguments.city));
    const calls = [];
    for await (const piece of await client.chat({ ...asked, stream: true })) {
      calls.push(...(piece.message.tool_calls ?? []));
    }
    assert.deepEqual(calls.map((each) => each.function.arguments), message.tool_calls.map((each) => each.function.arguments));
  },

  async schema() {
    const format = {
      type: 'object',
      properties: { colour: { enum: ['red', 'blue'] } },
      required: ['colour'],
      additionalProperties: false,
    };
    const answer = await client.chat({ ...constrained, format });
    assert.ok(['red', 'blue'].includes(JSON.parse(answer.message.content).colour));
    await assert.rejects(client.chat({ ...constrained, format: { type: 'stone' } }), { status_code: 400 });
  },

  async logprobs() {
    const answer = await client.chat({ ...short, logprobs: true, top_logprobs: 3 });
    assert.equal(answer.logprobs.length, 12);
    assert.equal(answer.logprobs[0].top_logprobs.length, 3);
    assert.equal(answer.logprobs.map((each) => each.token).join(''), answer.message.content);
    const streamed = [];
    for await (const piece of await client.chat({ ...short, logprobs: true, top_logprobs: 3, stream: true })) {
      streamed.push(...(piece.logprobs ?? []));
    }
    assert.deepEqual(streamed, answer.logprobs);
    const told = await client.generate({ model: 'stories', prompt: 'Once', options: short.options, logprobs: true });
    assert.equal(told.logprobs.map((each) => each.token).join(''), told.response);
    assert.equal((await client.chat(short)).logprobs, undefined);
  },

  async models() {
    assert.equal((await client.list()).models[0].name, 'stories:latest');
    assert.equal((await client.show({ model: 'stories' })).details.family, 'llama');
    assert.ok((await client.version()).version.length > 0);
    assert.equal((await client.ps()).models[0].name, 'stories:latest');
    await assert.rejects(client.chat({ ...short, model: 'llama3' }), { status_code: 404 });
  },

  async embeddings() {
    const answer = await client.embed({ model: 'bert', input: ['a', 'a b'] });
    assert.equal(answer.embeddings.length, 2);
    assert.ok(Math.abs(answer.embeddings[1].reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
    const one = await client.embed({ model: 'bert', input: 'a' });
    assert.deepEqual(one.embeddings[0], answer.embeddings[0]);
    // The older call has one vector.
    const old = await client.embeddings({ model: 'bert', prompt: 'a' });
    assert.equal(old.embedding.length, one.embeddings[0].length);
  },
};

await checks[check]();
