// Calls that an application makes, by the npm libraries of the providers, unmodified. Each function returns the tests of
// one library: [name, run], where `run` throws when what comes back is not what the library promises its user.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import * as google from '@google/genai';
import { HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { kAnswerSchema, kAttack, kHeader, kPicture, kShop, kSlow, kWeatherTool } from './llm_targets.mjs';

const kQuestion = 'What does the Fjord shell cost?';
const kTimeoutMs = 400;
// A time-out and a cancellation end the call soon, not when the provider is done.
const kSoonMs = 8_000;

async function rejected(promise, check) {
  const began = Date.now();
  const error = await promise.then(() => null, (failure) => failure);
  assert.ok(error, 'the call did not fail');
  assert.ok(Date.now() - began < kSoonMs, `it took ${Date.now() - began} ms`);
  check(error);
}

const counts = (...numbers) => numbers.forEach((number) => assert.ok(Number.isInteger(number) && number > 0, `a count is ${number}`));

// `session`: an identity that the gateway keeps and providers do not mind.
export function openaiTests({ url, gateway }, session) {
  const model = 'gpt-4o-mini';
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${url}/v1`, maxRetries: 0, defaultHeaders: { 'x-session-id': session } });
  const messages = [{ role: 'system', content: kShop }, { role: 'user', content: kQuestion }];
  const fault = (text) => ({ headers: { [kHeader]: text } });
  const tools = [{ type: 'function', function: kWeatherTool }];
  return [
    ['a chat', async () => {
      const answer = await client.chat.completions.create({ model, messages });
      assert.match(answer.choices[0].message.content, /149/);
      assert.equal(answer.choices[0].finish_reason, 'stop');
      assert.match(answer.model, /^gpt-4o-mini/);
      counts(answer.usage.prompt_tokens, answer.usage.completion_tokens);
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    }],
    ['a streamed chat with its usage', async () => {
      const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options: { include_usage: true } });
      let text = '';
      let finish = null;
      let usage = null;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta?.content ?? '';
        finish = chunk.choices[0]?.finish_reason ?? finish;
        usage = chunk.usage ?? usage;
      }
      assert.match(text, /149/);
      assert.equal(finish, 'stop');
      counts(usage.prompt_tokens, usage.completion_tokens);
    }],
    ['a streamed chat that asks for no usage gets none', async () => {
      const stream = await client.chat.completions.create({ model, messages, stream: true });
      for await (const chunk of stream) assert.equal(chunk.usage ?? null, null);
    }],
    ['its stream helper', async () => {
      const final = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
      assert.match(final.choices[0].message.content, /149/);
    }],
    ['a tool call and its result', async () => {
      const asked = [{ role: 'user', content: 'What is the weather in Paris?' }];
      const first = await client.chat.completions.create({ model, messages: asked, tools });
      assert.equal(first.choices[0].finish_reason, 'tool_calls');
      const [call] = first.choices[0].message.tool_calls;
      assert.equal(call.function.name, 'get_weather');
      assert.equal(JSON.parse(call.function.arguments).city, 'Paris');
      const second = await client.chat.completions.create({
        model, tools, messages: [...asked, first.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'Rain and 12 degrees in Paris.' }],
      });
      assert.match(second.choices[0].message.content, /12/);
    }],
    ['a streamed tool call', async () => {
      const stream = client.chat.completions.stream({ model, tools, messages: [{ role: 'user', content: 'What is the weather in Paris?' }] });
      const final = await stream.finalChatCompletion();
      assert.equal(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments).city, 'Paris');
    }],
    ['JSON by a schema', async () => {
      const answer = await client.chat.completions.create({
        model, messages, response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: kAnswerSchema, strict: true } },
      });
      const value = JSON.parse(answer.choices[0].message.content);
      assert.deepEqual(Object.keys(value).sort(), ['price', 'product']);
      assert.equal(typeof value.price, 'number');
    }],
    ['a picture', async () => {
      const content = [{ type: 'text', text: 'What is on this picture?' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${kPicture}` } }];
      const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
      assert.ok(answer.choices[0].message.content.length > 0);
      assert.ok(answer.usage.prompt_tokens > 200);
    }],
    ['embeddings, as numbers and as base64', async () => {
      const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['red boots', 'blue boots'], dimensions: 64 });
      assert.deepEqual(answer.data.map((one) => one.embedding.length), [64, 64]);
      const length = Math.hypot(...answer.data[0].embedding);
      assert.ok(Math.abs(length - 1) < 0.01, `its length is ${length}`);
      const plain = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'red boots', dimensions: 64, encoding_format: 'float' });
      plain.data[0].embedding.forEach((value, i) => assert.ok(Math.abs(value - answer.data[0].embedding[i]) < 1e-5));
      counts(answer.usage.prompt_tokens);
    }],
    ['a response', async () => {
      const answer = await client.responses.create({ model, instructions: kShop, input: kQuestion });
      assert.match(answer.output_text, /149/);
      counts(answer.usage.input_tokens, answer.usage.output_tokens);
    }],
    ['a streamed response', async () => {
      const stream = client.responses.stream({ model, instructions: kShop, input: kQuestion });
      let text = '';
      for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
      const final = await stream.finalResponse();
      assert.match(text, /149/);
      assert.equal(final.output_text, text);
    }],
    ['models', async () => {
      const list = await client.models.list();
      assert.ok(list.data.length > 0);
    }],
    ['too many requests', () => rejected(client.chat.completions.create({ model, messages }, fault('status=429; retry_after=2')), (error) => {
      assert.ok(error instanceof OpenAI.RateLimitError, `${error}`);
      assert.equal(error.headers.get('retry-after'), '2');
    })],
    ['an error of the provider', () => rejected(client.chat.completions.create({ model, messages }, fault('status=500')), (error) => {
      assert.ok(error instanceof OpenAI.InternalServerError, `${error}`);
    })],
    ['a wrong key', () => rejected(client.chat.completions.create({ model, messages }, fault('status=401')), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError, `${error}`);
    })],
    ['a retry after a second that succeeds', async () => {
      const again = new OpenAI({
        apiKey: 'sk-test', baseURL: `${url}/v1`, maxRetries: 1,
        fetch: (input, init) => {
          const headers = new Headers(init.headers);
          if (headers.get('x-stainless-retry-count') !== '0') headers.delete(kHeader);
          return fetch(input, { ...init, headers });
        },
      });
      const began = Date.now();
      const answer = await again.chat.completions.create({ model, messages }, fault('status=429; retry_after=1'));
      assert.match(answer.choices[0].message.content, /149/);
      assert.ok(Date.now() - began > 900, 'retry-after was not obeyed');
    }],
    ['an error in the middle of a stream', async () => {
      const stream = await client.chat.completions.create({ model, messages, stream: true }, fault('error_after_tokens=3'));
      await rejected((async () => { for await (const chunk of stream) void chunk; })(), (error) => assert.ok(error instanceof OpenAI.APIError, `${error}`));
    }],
    ['a time-out', () => rejected(client.chat.completions.create({ model, messages }, { ...fault(kSlow), timeout: kTimeoutMs }), (error) => {
      assert.ok(error instanceof OpenAI.APIConnectionTimeoutError, `${error}`);
    })],
    ['a stream that is cancelled', async () => {
      const stream = await client.chat.completions.create({ model, messages, stream: true }, fault('stall_after_tokens=2; stall_ms=20000'));
      const began = Date.now();
      for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) break;
      assert.ok(stream.controller.signal.aborted);
      assert.ok(Date.now() - began < kSoonMs);
    }],
    ['an attack', !gateway ? null : () => rejected(client.chat.completions.create({ model, messages: [{ role: 'user', content: kAttack }] }), (error) => {
      assert.ok(error instanceof OpenAI.PermissionDeniedError, `${error}`);
      assert.equal(error.status, 403);
      assert.equal(error.code, 'godseye_blocked');
    })],
  ];
}

export function anthropicTests({ url, gateway }, session) {
  const model = 'claude-sonnet-5';
  const client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: url, maxRetries: 0, defaultHeaders: { 'x-session-id': session } });
  const ask = { model, max_tokens: 300, system: kShop, messages: [{ role: 'user', content: kQuestion }] };
  const fault = (text) => ({ headers: { [kHeader]: text } });
  const tools = [{ name: kWeatherTool.name, description: kWeatherTool.description, input_schema: kWeatherTool.parameters }];
  const weather = { model, max_tokens: 300, tools, messages: [{ role: 'user', content: 'What is the weather in Paris?' }] };
  return [
    ['a message', async () => {
      const answer = await client.messages.create(ask);
      assert.match(answer.content[0].text, /149/);
      assert.equal(answer.stop_reason, 'end_turn');
      counts(answer.usage.input_tokens, answer.usage.output_tokens);
    }],
    ['a streamed message', async () => {
      const stream = client.messages.stream(ask);
      let text = '';
      stream.on('text', (delta) => { text += delta; });
      const final = await stream.finalMessage();
      assert.match(text, /149/);
      assert.equal(final.content[0].text, text);
      assert.equal(final.stop_reason, 'end_turn');
      counts(final.usage.input_tokens, final.usage.output_tokens);
    }],
    ['a tool call and its result', async () => {
      const first = await client.messages.create(weather);
      assert.equal(first.stop_reason, 'tool_use');
      const call = first.content.find((part) => part.type === 'tool_use');
      assert.deepEqual([call.name, call.input], ['get_weather', { city: 'Paris' }]);
      const second = await client.messages.create({
        ...weather,
        messages: [...weather.messages, { role: 'assistant', content: first.content },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'Rain and 12 degrees in Paris.' }] }],
      });
      assert.match(second.content[0].text, /12/);
    }],
    ['a streamed tool call', async () => {
      const final = await client.messages.stream(weather).finalMessage();
      assert.deepEqual(final.content.find((part) => part.type === 'tool_use').input, { city: 'Paris' });
    }],
    ['a picture', async () => {
      const content = [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: kPicture } }, { type: 'text', text: 'What is on this picture?' }];
      const answer = await client.messages.create({ ...ask, messages: [{ role: 'user', content }] });
      assert.ok(answer.content[0].text.length > 0);
    }],
    ['tokens are counted', async () => counts((await client.messages.countTokens({ model, messages: ask.messages })).input_tokens)],
    ['models', async () => assert.ok((await client.models.list()).data.length > 0)],
    ['too many requests', () => rejected(client.messages.create(ask, fault('status=429; retry_after=2')), (error) => {
      assert.ok(error instanceof Anthropic.RateLimitError, `${error}`);
      assert.equal(error.headers.get('retry-after'), '2');
    })],
    ['an overloaded provider', () => rejected(client.messages.create(ask, fault('status=529')), (error) => {
      assert.ok(error instanceof Anthropic.InternalServerError, `${error}`);
      assert.equal(error.status, 529);
    })],
    ['an error in the middle of a stream', () => rejected(client.messages.stream(ask, fault('error_after_tokens=3')).finalMessage(), (error) => {
      assert.ok(error instanceof Anthropic.APIError || error instanceof Anthropic.AnthropicError, `${error}`);
    })],
    ['a time-out', () => rejected(client.messages.create(ask, { ...fault(kSlow), timeout: kTimeoutMs }), (error) => {
      assert.ok(error instanceof Anthropic.APIConnectionTimeoutError, `${error}`);
    })],
    ['a stream that is cancelled', async () => {
      const stream = client.messages.stream(ask, fault('stall_after_tokens=2; stall_ms=20000'));
      stream.on('text', () => stream.abort());
      await rejected(stream.done(), (error) => assert.ok(error instanceof Anthropic.APIUserAbortError, `${error}`));
    }],
    ['an attack', !gateway ? null : () => rejected(client.messages.create({ ...ask, messages: [{ role: 'user', content: kAttack }] }), (error) => {
      assert.ok(error instanceof Anthropic.PermissionDeniedError, `${error}`);
      assert.match(JSON.stringify(error.error), /godseye_blocked/);
    })],
  ];
}

export function googleTests({ url, gateway }, session) {
  const model = 'gemini-2.5-flash';
  const httpOptions = { baseUrl: url, headers: { 'x-session-id': session } };
  const client = new google.GoogleGenAI({ apiKey: 'test-key', httpOptions });
  const config = { systemInstruction: kShop };
  const ask = { model, contents: kQuestion, config };
  const broken = (text, more = {}) => ({ ...ask, config: { ...config, httpOptions: { headers: { [kHeader]: text }, ...more } } });
  const weather = { model, contents: 'What is the weather in Paris?', config: { tools: [{ functionDeclarations: [{ ...kWeatherTool, parameters: undefined, parametersJsonSchema: kWeatherTool.parameters }] }] } };
  const failed = (status) => (error) => {
    assert.ok(error instanceof google.ApiError, `${error}`);
    assert.equal(error.status, status);
  };
  return [
    ['content', async () => {
      const answer = await client.models.generateContent(ask);
      assert.match(answer.text, /149/);
      assert.equal(answer.candidates[0].finishReason, google.FinishReason.STOP);
      counts(answer.usageMetadata.promptTokenCount, answer.usageMetadata.candidatesTokenCount, answer.usageMetadata.totalTokenCount);
    }],
    ['streamed content', async () => {
      let text = '';
      let last;
      for await (const chunk of await client.models.generateContentStream(ask)) {
        text += chunk.text ?? '';
        last = chunk;
      }
      assert.match(text, /149/);
      counts(last.usageMetadata.promptTokenCount, last.usageMetadata.candidatesTokenCount);
    }],
    ['a function call and its result', async () => {
      const first = await client.models.generateContent(weather);
      assert.deepEqual([first.functionCalls[0].name, first.functionCalls[0].args], ['get_weather', { city: 'Paris' }]);
      const second = await client.models.generateContent({
        ...weather,
        contents: [{ role: 'user', parts: [{ text: weather.contents }] }, first.candidates[0].content,
          { role: 'user', parts: [{ functionResponse: { name: 'get_weather', id: first.functionCalls[0].id, response: { output: 'Rain and 12 degrees in Paris.' } } }] }],
      });
      assert.match(second.text, /12/);
    }],
    ['a chat that remembers', async () => {
      const chat = client.chats.create({ model, config });
      await chat.sendMessage({ message: kQuestion });
      const answer = await chat.sendMessage({ message: 'And the Dune cap?' });
      assert.match(answer.text, /19/);
    }],
    ['JSON by a schema', async () => {
      const answer = await client.models.generateContent({
        ...ask, config: { ...config, responseMimeType: 'application/json', responseSchema: { type: google.Type.OBJECT, properties: { product: { type: google.Type.STRING }, price: { type: google.Type.NUMBER } }, required: ['product', 'price'] } },
      });
      assert.equal(typeof JSON.parse(answer.text).price, 'number');
    }],
    ['a picture', async () => {
      const answer = await client.models.generateContent({ model, contents: [{ inlineData: { mimeType: 'image/png', data: kPicture } }, 'What is on this picture?'] });
      assert.ok(answer.text.length > 0);
    }],
    ['embeddings', async () => {
      const answer = await client.models.embedContent({ model: 'gemini-embedding-001', contents: ['red boots', 'blue boots'], config: { outputDimensionality: 64 } });
      assert.deepEqual(answer.embeddings.map((one) => one.values.length), [64, 64]);
    }],
    ['tokens are counted', async () => counts((await client.models.countTokens({ model, contents: kQuestion })).totalTokens)],
    ['models', async () => {
      const names = [];
      for await (const one of await client.models.list()) names.push(one.name);
      assert.ok(names.length > 0);
    }],
    ['too many requests', () => rejected(client.models.generateContent(broken('status=429; retry_after=2')), failed(429))],
    ['an error of the provider', () => rejected(client.models.generateContent(broken('status=503')), failed(503))],
    ['an error of the provider instead of a stream', () => rejected(client.models.generateContentStream(broken('status=503')), failed(503))],
    ['a time-out', () => rejected(client.models.generateContent(broken(kSlow, { timeout: kTimeoutMs })), (error) => assert.match(String(error), /abort|time/i))],
    ['a call that is cancelled', () => {
      const asked = broken(kSlow);
      asked.config.abortSignal = AbortSignal.timeout(kTimeoutMs);
      return rejected(client.models.generateContent(asked), (error) => assert.match(String(error), /abort|time/i));
    }],
    ['an attack', !gateway ? null : () => rejected(client.models.generateContent({ model, contents: kAttack }), (error) => {
      failed(403)(error);
      assert.match(error.message, /godseye_blocked/);
    })],
  ];
}

export function ollamaTests({ url, gateway }, session) {
  const model = 'llama3.2';
  const made = (fault) => new Ollama({ host: url, headers: { 'x-session-id': session, ...(fault ? { [kHeader]: fault } : {}) } });
  const client = made();
  const messages = [{ role: 'system', content: kShop }, { role: 'user', content: kQuestion }];
  return [
    ['a chat', async () => {
      const answer = await client.chat({ model, messages });
      assert.match(answer.message.content, /149/);
      assert.equal(answer.done_reason, 'stop');
      counts(answer.prompt_eval_count, answer.eval_count);
    }],
    ['a streamed chat', async () => {
      let text = '';
      let last;
      for await (const part of await client.chat({ model, messages, stream: true })) {
        text += part.message.content;
        last = part;
      }
      assert.match(text, /149/);
      assert.ok(last.done);
      counts(last.eval_count);
    }],
    ['generated text', async () => assert.match((await client.generate({ model, system: kShop, prompt: kQuestion })).response, /149/)],
    ['a tool call', async () => {
      const answer = await client.chat({ model, messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools: [{ type: 'function', function: kWeatherTool }] });
      assert.deepEqual(answer.message.tool_calls[0].function, { ...answer.message.tool_calls[0].function, name: 'get_weather', arguments: { city: 'Paris' } });
    }],
    ['JSON by a schema', async () => {
      const answer = await client.chat({ model, messages, format: kAnswerSchema });
      assert.equal(typeof JSON.parse(answer.message.content).price, 'number');
    }],
    ['a picture', async () => assert.ok((await client.chat({ model, messages: [{ role: 'user', content: 'What is on this picture?', images: [kPicture] }] })).message.content.length > 0)],
    ['embeddings', async () => {
      const answer = await client.embed({ model: 'nomic-embed-text', input: ['red boots', 'blue boots'] });
      assert.equal(answer.embeddings.length, 2);
      assert.ok(answer.embeddings[0].length > 10);
    }],
    ['models', async () => assert.ok((await client.list()).models.length > 0)],
    ['too many requests', () => rejected(made('status=429; retry_after=2').chat({ model, messages }), (error) => {
      assert.equal(error.name, 'ResponseError');
      assert.equal(error.status_code, 429);
    })],
    ['an error in the middle of a stream', async () => {
      const stream = await made('error_after_tokens=3').chat({ model, messages, stream: true });
      await rejected((async () => { for await (const part of stream) void part; })(), (error) => assert.ok(error.message.length > 0));
    }],
    ['a stream that is cancelled', async () => {
      const stream = await made('stall_after_tokens=2; stall_ms=20000').chat({ model, messages, stream: true });
      await rejected((async () => { for await (const part of stream) if (part.message.content !== '') stream.abort(); })(), (error) => assert.equal(error.name, 'AbortError'));
    }],
    ['an attack', !gateway ? null : () => rejected(client.chat({ model, messages: [{ role: 'user', content: kAttack }] }), (error) => {
      assert.equal(error.status_code, 403);
      assert.match(error.message, /blocked|refused/i);
    })],
  ];
}

const weatherTool = tool(async ({ city }) => `Rain and 12 degrees in ${city}.`, { name: kWeatherTool.name, description: kWeatherTool.description, schema: kWeatherTool.parameters });

// What both LangChain models promise alike. `made(fault)`: a model whose calls have that fault.
function langchainTests(made, { gateway }, { limited, denied }) {
  const messages = [['system', kShop], ['human', kQuestion]];
  return [
    ['an answer', async () => {
      const answer = await made().invoke(messages);
      assert.match(answer.text, /149/);
      counts(answer.usage_metadata.input_tokens, answer.usage_metadata.output_tokens);
    }],
    ['a streamed answer', async () => {
      let text = '';
      for await (const chunk of await made().stream(messages)) text += chunk.text;
      assert.match(text, /149/);
    }],
    ['a tool call and its result', async () => {
      const model = made().bindTools([weatherTool]);
      const asked = new HumanMessage('What is the weather in Paris?');
      const first = await model.invoke([asked]);
      assert.equal(first.tool_calls[0].name, 'get_weather');
      assert.deepEqual(first.tool_calls[0].args, { city: 'Paris' });
      const result = await weatherTool.invoke(first.tool_calls[0]);
      assert.match((await model.invoke([asked, first, result])).text, /12/);
    }],
    ['a structured answer', async () => {
      const value = await made().withStructuredOutput({ ...kAnswerSchema, title: 'answer' }).invoke(messages);
      assert.equal(typeof value.price, 'number');
    }],
    ['a picture', async () => {
      const content = [{ type: 'text', text: 'What is on this picture?' }, { type: 'image_url', image_url: `data:image/png;base64,${kPicture}` }];
      assert.ok((await made().invoke([new HumanMessage({ content })])).text.length > 0);
    }],
    ['too many requests', () => rejected(made('status=429; retry_after=2').invoke(messages), limited)],
    ['an attack', !gateway ? null : () => rejected(made().invoke([['human', kAttack]]), denied)],
  ];
}

export function langchainOpenaiTests(target, session) {
  const configuration = (fault) => ({ baseURL: `${target.url}/v1`, defaultHeaders: { 'x-session-id': session, ...(fault ? { [kHeader]: fault } : {}) } });
  const made = (fault) => new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: 'sk-test', maxRetries: 0, configuration: configuration(fault) });
  return [
    ...langchainTests(made, target, {
      limited: (error) => assert.equal(error.status, 429, `${error}`),
      denied: (error) => assert.deepEqual([error.status, error.code], [403, 'godseye_blocked']),
    }),
    ['a call that is cancelled', () => rejected(made(kSlow).invoke([['human', kQuestion]], { signal: AbortSignal.timeout(kTimeoutMs) }), (error) => assert.match(String(error), /abort|time/i))],
    ['embeddings', async () => {
      const embeddings = new OpenAIEmbeddings({ model: 'text-embedding-3-small', dimensions: 64, apiKey: 'sk-test', configuration: configuration() });
      assert.equal((await embeddings.embedQuery('red boots')).length, 64);
    }],
  ];
}

export function langchainGoogleTests(target, session) {
  const made = (fault) => new ChatGoogleGenerativeAI({
    model: 'gemini-2.5-flash', apiKey: 'test-key', baseUrl: target.url, maxRetries: 0, customHeaders: { 'x-session-id': session, ...(fault ? { [kHeader]: fault } : {}) },
  });
  return [
    ...langchainTests(made, target, {
      limited: (error) => assert.equal(error.status, 429, `${error}`),
      denied: (error) => assert.match(`${error.status} ${error}`, /403.*(blocked|godseye)/s),
    }),
    // Not by a signal: its `invoke` waits for the provider all the same.
    ['a stream that is left', async () => {
      let read = 0;
      for await (const chunk of await made('stall_after_tokens=2; stall_ms=3000').stream([['system', kShop], ['human', kQuestion]])) {
        void chunk;
        if (++read === 1) break;
      }
      assert.equal(read, 1);
    }],
  ];
}
