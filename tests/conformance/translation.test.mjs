// Each provider's npm library, unmodified, talking through the gateway to the models of every other provider: what it asks
// is translated, and what comes back must look to it like its own provider's answer.
import './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { Simulator } from '../harness/simulator.mjs';
import { Server, kBinary, runToEnd } from '../harness/server.mjs';
import { kAttack, kHeader, kPicture } from './llm_targets.mjs';

const kModels = {
  openai: 'openai/gpt-4o-simulated', gemini: 'gemini/gemini-2.5-flash-simulated', anthropic: 'anthropic/claude-sonnet-4-5-simulated', ollama: 'ollama/llama3.2-simulated',
};
const kQuestion = 'What is the weather in Paris? Use the tool.';
const kSchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const kFunction = { name: 'get_weather', description: 'the weather of a city', parameters: kSchema };
const kTools = [{ type: 'function', function: kFunction }];

let simulator = null;
let server = null;
let openai, google, anthropic, ollama;

before(async () => {
  const help = await runToEnd(kBinary, ['serve', '--help']);
  if (!help.stdout.includes('--gateway')) return;
  simulator = await Simulator.start({ args: ['--seed', '7'] });
  const args = ['--gateway', '127.0.0.1:0'];
  for (const name of Object.keys(kModels)) args.push('--provider', `${name}=${simulator.url}`);
  server = await Server.start({ anonymous: true, args });
  const url = `http://${server.listeners.gateway}`;
  openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } });
  anthropic = new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0 });
  ollama = new Ollama({ host: url });
});
after(async () => {
  await server?.stop();
  await simulator?.stop();
});

const kChecks = {
  async 'openai chat: text, usage, stream'(model) {
    const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Say hello.' }];
    const whole = await openai.chat.completions.create({ model, messages });
    assert.ok(whole.choices[0].message.content);
    assert.equal(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens);
    let text = '', usage = null, finish = null;
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.delta?.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    assert.ok(text);
    assert.equal(finish, 'stop');
    assert.ok(usage.total_tokens > 0);
  },
  async 'openai chat: tools over two turns, whole and streamed'(model) {
    const messages = [{ role: 'user', content: kQuestion }];
    const streamed = await openai.chat.completions.stream({ model, messages, tools: kTools }).finalChatCompletion();
    const { message, finish_reason: finish } = streamed.choices[0];
    assert.equal(finish, 'tool_calls');
    assert.equal(message.tool_calls[0].function.name, 'get_weather');
    JSON.parse(message.tool_calls[0].function.arguments);
    messages.push(message, ...message.tool_calls.map((call) => ({ role: 'tool', tool_call_id: call.id, content: 'sunny, 21 degrees' })));
    const answer = await openai.chat.completions.create({ model, messages, tools: kTools });
    assert.match(answer.choices[0].message.content, /sunny/);
  },
  async 'openai chat: picture in, JSON out'(model) {
    const content = [{ type: 'text', text: 'Describe as JSON.' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${kPicture}` } }];
    const format = { type: 'json_schema', json_schema: { name: 'x', schema: kSchema } };
    const answer = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }], response_format: format });
    assert.ok('city' in JSON.parse(answer.choices[0].message.content));
  },
  async 'openai chat: refusals and limits are its own errors'(model) {
    const ask = (content, headers) => openai.chat.completions.create({ model, messages: [{ role: 'user', content }] }, { headers });
    await assert.rejects(ask(kAttack), (error) => error instanceof OpenAI.PermissionDeniedError && error.code === 'godseye_blocked');
    await assert.rejects(ask('hi', { [kHeader]: 'status=429; retry_after=2' }), (error) => error instanceof OpenAI.RateLimitError && error.headers.get('retry-after') === '2');
  },
  async 'openai responses: tools over two turns'(model) {
    const tools = [{ type: 'function', ...kFunction, strict: false }];
    const first = await openai.responses.stream({ model, input: kQuestion, tools }).finalResponse();
    const calls = first.output.filter((item) => item.type === 'function_call');
    assert.equal(calls[0].name, 'get_weather');
    const input = [{ role: 'user', content: kQuestion },
      ...calls.map((call) => ({ type: 'function_call', call_id: call.call_id, name: call.name, arguments: call.arguments })),
      ...calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: 'sunny' }))];
    const second = await openai.responses.create({ model, input });
    assert.match(second.output_text, /sunny/);
    assert.ok(second.usage.total_tokens > 0);
  },
  async 'google: text, stream, tools over two turns'(model) {
    const parameters = { type: 'OBJECT', properties: { city: { type: 'STRING' } } };
    const config = { tools: [{ functionDeclarations: [{ ...kFunction, parameters }] }] };
    let text = '', usage = null;
    for await (const chunk of await google.models.generateContentStream({ model, contents: 'Say hello.' })) {
      text += chunk.text ?? '';
      usage = chunk.usageMetadata ?? usage;
    }
    assert.ok(text);
    assert.ok(usage.totalTokenCount > 0);
    const contents = [{ role: 'user', parts: [{ text: kQuestion }] }];
    const first = await google.models.generateContent({ model, contents, config });
    assert.equal(first.functionCalls[0].name, 'get_weather');
    const results = first.functionCalls.map(({ id, name }) => ({ functionResponse: { id, name, response: { result: 'sunny' } } }));
    contents.push(first.candidates[0].content, { role: 'user', parts: results });
    assert.match((await google.models.generateContent({ model, contents, config })).text, /sunny/);
  },
  async 'anthropic: picture, tools over two turns, streamed'(model) {
    const source = { type: 'base64', media_type: 'image/png', data: kPicture };
    const seen = await anthropic.messages.create({ model, max_tokens: 900, messages: [{ role: 'user', content: [{ type: 'text', text: 'Say hello.' }, { type: 'image', source }] }] });
    assert.ok(seen.content.some((block) => block.type === 'text' && block.text));
    const tools = [{ name: 'get_weather', description: kFunction.description, input_schema: kSchema }];
    const messages = [{ role: 'user', content: kQuestion }];
    const first = await anthropic.messages.stream({ model, max_tokens: 900, messages, tools }).finalMessage();
    assert.equal(first.stop_reason, 'tool_use');
    const calls = first.content.filter((block) => block.type === 'tool_use');
    messages.push({ role: 'assistant', content: first.content }, { role: 'user', content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: 'sunny' })) });
    const second = await anthropic.messages.create({ model, max_tokens: 900, messages, tools });
    assert.match(second.content.map((block) => block.text ?? '').join(''), /sunny/);
    assert.ok(second.usage.output_tokens > 0);
  },
  async 'ollama: picture, streamed tools'(model) {
    const seen = await ollama.chat({ model, messages: [{ role: 'user', content: 'Say hello.', images: [kPicture] }] });
    assert.ok(seen.message.content && seen.done);
    const calls = [];
    for await (const part of await ollama.chat({ model, stream: true, messages: [{ role: 'user', content: kQuestion }], tools: kTools })) calls.push(...(part.message.tool_calls ?? []));
    assert.equal(calls[0].function.name, 'get_weather');
    assert.equal(typeof calls[0].function.arguments.city, 'string');
  },
};

for (const [provider, model] of Object.entries(kModels)) {
  describe(`to the models of ${provider}`, () => {
    for (const [name, check] of Object.entries(kChecks)) {
      test(name, async (context) => {
        if (!server) return context.skip('this program has no gateway');
        await check(model);
      });
    }
  });
}
