// The model simulator over real HTTP: four protocols, whole and streamed, faults, limits, and what is wrong on the wire.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { runToEnd, sleep } from '../harness/server.mjs';
import { Simulator, kSimulatorBinary } from '../harness/simulator.mjs';

const kShop = 'You are a shop assistant. Products: [{"id":"FJ-201","name":"Fjord shell","price":149,"currency":"EUR",'
  + '"description":"waterproof rain jacket"},{"id":"MG-1","name":"Enamel mug","price":12,"currency":"EUR"}]';
const kQuestion = 'Do you have a rain jacket?';

// How each protocol asks the same, and where its answer is.
const kProtocols = {
  openai: {
    path: () => '/v1/chat/completions',
    body: (stream, model) => ({
      model, stream, ...(stream ? { stream_options: { include_usage: true } } : {}),
      messages: [{ role: 'system', content: kShop }, { role: 'user', content: kQuestion }],
    }),
    text: (json) => json.choices[0].message.content,
    model: (json) => json.model,
    input: (json) => json.usage.prompt_tokens,
    delta: (json) => json.choices?.[0]?.delta?.content ?? '',
    error: (json) => json.error.message,
  },
  responses: {
    path: () => '/v1/responses',
    body: (stream, model) => ({ model, stream, instructions: kShop, input: kQuestion }),
    text: (json) => json.output.find((item) => item.type === 'message').content[0].text,
    model: (json) => json.model,
    input: (json) => json.usage.input_tokens,
    delta: (json) => (json.type === 'response.output_text.delta' ? json.delta : ''),
    error: (json) => json.error.message,
  },
  gemini: {
    path: (stream, model) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ systemInstruction: { parts: [{ text: kShop }] }, contents: [{ role: 'user', parts: [{ text: kQuestion }] }] }),
    text: (json) => json.candidates[0].content.parts.map((part) => part.text).join(''),
    model: (json) => json.modelVersion,
    input: (json) => json.usageMetadata.promptTokenCount,
    delta: (json) => json.candidates?.[0]?.content?.parts?.map((part) => part.text ?? '').join('') ?? '',
    error: (json) => json.error.message,
  },
  vertex: {
    path: (stream, model) => `/v1beta1/projects/p/locations/l/publishers/google/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => kProtocols.gemini.body(),
    text: (json) => kProtocols.gemini.text(json),
    model: (json) => json.modelVersion,
    input: (json) => json.usageMetadata.promptTokenCount,
    delta: (json) => kProtocols.gemini.delta(json),
    error: (json) => json.error.message,
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (stream, model) => ({ model, stream, max_tokens: 500, system: kShop, messages: [{ role: 'user', content: kQuestion }] }),
    text: (json) => json.content[0].text,
    model: (json) => json.model,
    input: (json) => json.usage.input_tokens,
    delta: (json) => json.delta?.text ?? '',
    error: (json) => json.error.message,
  },
  ollama: {
    path: () => '/api/chat',
    body: (stream, model) => ({ model, stream, messages: [{ role: 'system', content: kShop }, { role: 'user', content: kQuestion }] }),
    text: (json) => json.message.content,
    model: (json) => json.model,
    input: (json) => json.prompt_eval_count,
    delta: (json) => json.message?.content ?? '',
    error: (json) => json.error,
  },
};

// The JSON documents of a stream, SSE or NDJSON.
function documents(text) {
  return text.split('\n').map((line) => line.replace(/^data: /, '').trim()).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

let simulator;
before(async () => { simulator = await Simulator.start({ args: ['--keep-requests', '5'] }); });
after(async () => { assert.equal((await simulator.stop()).code, 0); });

const ask = (name, { stream = false, model = 'gemini-2.0-flash', ...rest } = {}) => {
  const protocol = kProtocols[name];
  return simulator.request('POST', protocol.path(stream, model), { body: protocol.body(stream, model), ...rest });
};

for (const [name, protocol] of Object.entries(kProtocols)) {
  describe(name, () => {
    test('answers from the prompt, names the product with id and price, and itself a simulator', async () => {
      const reply = await ask(name);
      assert.equal(reply.status, 200, reply.text);
      assert.match(protocol.text(reply.json), /Fjord shell \(FJ-201\).*149 EUR/);
      assert.equal(protocol.model(reply.json), 'gemini-2.0-flash-simulated');
      assert.ok(protocol.input(reply.json) > 40, reply.text);
    });

    test('streams the same answer', async () => {
      const whole = protocol.text((await ask(name)).json);
      const reply = await ask(name, { stream: true });
      assert.equal(reply.status, 200, reply.text);
      assert.match(reply.headers.get('content-type'), name === 'ollama' ? /ndjson/ : /text\/event-stream/);
      const parts = documents(reply.text);
      assert.equal(parts.map(protocol.delta).join(''), whole);
      assert.ok(parts.length > 5);
      assert.match(reply.text, /-simulated/);
    });

    test('gives ordered errors in its own shape, with retry headers', async () => {
      const reply = await ask(name, { fault: 'status=429; retry_after=2' });
      assert.equal(reply.status, 429);
      assert.match(protocol.error(reply.json), /Rate limit/);
      if (name !== 'ollama') assert.equal(reply.headers.get('retry-after'), '2');
    });

    test('refuses unknown faults and unreadable bodies with 400', async () => {
      const wrong = await ask(name, { fault: 'statsu=429' });
      assert.equal(wrong.status, 400);
      assert.match(protocol.error(wrong.json), /unknown fault 'statsu'.*stall_after_tokens/);
      const reply = await simulator.request('POST', protocol.path(false, 'm'), { body: '{"model": ' });
      assert.equal(reply.status, 400, reply.text);
      assert.ok(protocol.error(reply.json));
    });

    test('a cut connection is a failure for the client, whole and streamed', async () => {
      for (const stream of [false, true]) {
        await assert.rejects(ask(name, { stream, fault: 'reset_after_bytes=40' }), `stream ${stream}`);
      }
    });

    test('an answer in one-byte pieces is the same answer', async () => {
      const reply = await ask(name, { fault: 'chunk_bytes=7' });
      assert.match(protocol.text(reply.json), /Fjord shell/);
    });
  });
}

test('Ollama streams unless told otherwise', async () => {
  const { stream, ...body } = kProtocols.ollama.body(true, 'llama3.2');
  const reply = await simulator.request('POST', '/api/chat', { body });
  assert.equal(documents(reply.text).at(-1).done, true);
});

test('a malformed answer is no JSON; a malformed stream has one broken event and goes on', async () => {
  const whole = await ask('openai', { fault: 'malformed' });
  assert.equal(whole.status, 200);
  assert.equal(whole.json, undefined);
  const stream = await ask('openai', { stream: true, fault: 'malformed' });
  assert.match(stream.text, /^data: \{"id":"broken","choi$/m);
  assert.match(stream.text, /data: \[DONE\]/);
});

test('a stream that stalls sends its first tokens and then nothing; a client that leaves is counted', async () => {
  const left = (await simulator.request('GET', '/simulator/stats')).json.cancelled;
  const stop = new AbortController();
  const reply = await simulator.open('POST', '/v1/chat/completions', {
    body: kProtocols.openai.body(true, 'gpt-4o'), fault: 'stall_after_tokens=3', signal: stop.signal,
  });
  let text = '';
  const reading = (async () => { for await (const piece of reply.body) text += Buffer.from(piece).toString(); })();
  await sleep(400);
  assert.equal(documents(text).map(kProtocols.openai.delta).filter(Boolean).length, 3);
  assert.doesNotMatch(text, /DONE/);
  stop.abort();
  await assert.rejects(reading);
  for (let i = 0; i < 100; ++i) {
    if ((await simulator.request('GET', '/simulator/stats')).json.cancelled > left) return;
    await sleep(50);
  }
  assert.fail('the client that left was not noticed');
});

test('streams end early, fail in the middle and keep to a speed', async () => {
  const early = await ask('anthropic', { stream: true, fault: 'end_after_tokens=2' });
  assert.doesNotMatch(early.text, /message_stop/);
  const failed = await ask('anthropic', { stream: true, fault: 'error_after_tokens=2' });
  assert.match(failed.text, /event: error/);
  const began = Date.now();
  await ask('openai', { stream: true, fault: 'tokens_per_second=50; ttft_ms=100; say=one two three four five six seven eight nine ten' });
  const took = Date.now() - began;
  assert.ok(took >= 270 && took < 2000, `${took} ms`);
});

test('latency holds the head back', async () => {
  const began = Date.now();
  await ask('gemini', { fault: 'latency_ms=300' });
  assert.ok(Date.now() - began >= 295);
});

test('faults for all requests have a model, a rate and an expiry; the header wins', async () => {
  const put = await simulator.request('PUT', '/simulator/faults', { body: [{ status: 503, model: 'gpt-4o', expires_in_s: 1 }, { say: 'hello' }] });
  assert.equal(put.status, 200, put.text);
  assert.equal((await ask('openai', { model: 'gpt-4o' })).status, 503);
  assert.equal(kProtocols.openai.text((await ask('openai', { model: 'gpt-4o-mini' })).json), 'hello');
  assert.equal(kProtocols.openai.text((await ask('openai', { model: 'gpt-4o-mini', fault: 'say=bye' })).json), 'bye');
  assert.equal((await simulator.request('GET', '/simulator/faults')).json.faults.length, 2);
  await sleep(1100);
  assert.equal((await ask('openai', { model: 'gpt-4o' })).status, 200);
  const bad = await simulator.request('PUT', '/simulator/faults', { body: { statsu: 1 } });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /unknown fault/);
  await simulator.request('DELETE', '/simulator/faults');
  assert.notEqual(kProtocols.openai.text((await ask('openai')).json), 'hello');
});

test('hallucinated products come at their rate and are none of the shop', async () => {
  let invented = 0;
  for (let i = 0; i < 60; ++i) {
    const reply = await simulator.request('POST', '/v1/chat/completions', {
      fault: 'quality=1; hallucinate=0.5',
      body: { model: 'gpt-4o', messages: [{ role: 'system', content: kShop }, { role: 'user', content: `${kQuestion} (${i})` }] },
    });
    invented += /You may also like/.test(kProtocols.openai.text(reply.json)) ? 1 : 0;
  }
  assert.ok(invented > 15 && invented < 45, `${invented} of 60`);
});

test('a safety block, cached and reasoning tokens, and no usage, as each provider says it', async () => {
  const blocked = await ask('gemini', { fault: 'safety' });
  assert.equal(blocked.status, 200);
  assert.match(blocked.text, /SAFETY|PROHIBITED_CONTENT|blockReason/);
  assert.equal((await ask('openai', { fault: 'safety' })).json.choices[0].finish_reason, 'content_filter');
  const used = (await ask('openai', { fault: 'input_tokens=1200; cached_tokens=1000; output_tokens=300; reasoning_tokens=120' })).json.usage;
  assert.equal(used.prompt_tokens, 1200);
  assert.equal(used.prompt_tokens_details.cached_tokens, 1000);
  assert.equal(used.completion_tokens_details.reasoning_tokens, 120);
  const counted = (await ask('anthropic', { fault: 'input_tokens=1200; cached_tokens=1000' })).json.usage;
  assert.equal(counted.input_tokens, 200);
  assert.equal(counted.cache_read_input_tokens, 1000);
  const thought = (await ask('gemini', { fault: 'output_tokens=300; reasoning_tokens=120' })).json.usageMetadata;
  assert.equal(thought.candidatesTokenCount, 180);
  assert.equal(thought.thoughtsTokenCount, 120);
  assert.doesNotMatch((await ask('openai', { fault: 'no_usage' })).text, /prompt_tokens/);
});

test('a prompt that begins like an earlier one is read from the cache', async () => {
  const body = { model: 'gpt-4o', messages: [{ role: 'system', content: 'harbour '.repeat(1500) }, { role: 'user', content: 'hi' }] };
  await simulator.request('POST', '/v1/chat/completions', { body });
  const reply = await simulator.request('POST', '/v1/chat/completions', { body });
  assert.ok(reply.json.usage.prompt_tokens_details.cached_tokens >= 1024, reply.text);
});

test('Anthropic caches what the request marks: written first, then read', async () => {
  const system = [{ type: 'text', text: 'lantern '.repeat(1500), cache_control: { type: 'ephemeral' } }];
  const plain = { model: 'claude-sonnet-4', max_tokens: 20, system: 'quarry '.repeat(1500), messages: [{ role: 'user', content: 'hi' }] };
  await simulator.request('POST', '/v1/messages', { body: plain });
  const unmarked = (await simulator.request('POST', '/v1/messages', { body: plain })).json.usage;
  assert.equal(unmarked.cache_read_input_tokens ?? 0, 0);
  assert.ok(unmarked.input_tokens >= 1024);
  const first = (await simulator.request('POST', '/v1/messages', { body: { ...plain, system } })).json.usage;
  assert.ok(first.cache_creation_input_tokens >= 1024, JSON.stringify(first));
  const second = (await simulator.request('POST', '/v1/messages', { body: { ...plain, system } })).json.usage;
  assert.ok(second.cache_read_input_tokens >= 1024, JSON.stringify(second));
});

test('a prompt of many megabytes does not hold others', async () => {
  const large = simulator.request('POST', '/v1/chat/completions', { body: { model: 'gpt-4o', messages: [{ role: 'user', content: 'word '.repeat(1_000_000) }] }, seconds: 120 });
  let over = false;
  const done = large.then((reply) => { over = true; return reply; });
  let meanwhile = 0;
  while (!over) {
    assert.equal((await ask('openai')).status, 200);
    meanwhile += over ? 0 : 1;
  }
  assert.equal((await done).status, 200);
  assert.ok(meanwhile > 0);
});

test('tools are called and their results used, in two protocols', async () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const ollama = await simulator.request('POST', '/api/chat', {
    body: { model: 'llama3.2', stream: false, messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools: [{ type: 'function', function: { name: 'get_weather', description: 'weather of a city', parameters } }] },
  });
  assert.deepEqual(ollama.json.message.tool_calls[0].function, { name: 'get_weather', arguments: { city: 'Paris' } });
  const messages = [{ role: 'user', content: 'What is the weather in Paris?' }];
  const tools = [{ type: 'function', function: { name: 'get_weather', description: 'weather of a city', parameters } }];
  const first = (await simulator.request('POST', '/v1/chat/completions', { body: { model: 'gpt-4o', messages, tools } })).json.choices[0];
  assert.equal(first.finish_reason, 'tool_calls');
  assert.equal(first.message.tool_calls[0].function.arguments, '{"city":"Paris"}');
  messages.push(first.message, { role: 'tool', tool_call_id: first.message.tool_calls[0].id, content: '{"temperature":18,"sky":"light rain"}' });
  const second = (await simulator.request('POST', '/v1/chat/completions', { body: { model: 'gpt-4o', messages, tools } })).json.choices[0];
  assert.match(second.message.content, /18.*light rain/);
});

test('embeddings in each form: floats, base64, one and many; similar texts are near', async () => {
  const input = ['waterproof rain jacket', 'a rain jacket, waterproof', 'interest rates of banks'];
  const { data, model } = (await simulator.request('POST', '/v1/embeddings', { body: { model: 'text-embedding-3-small', input, dimensions: 64 } })).json;
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  assert.equal(model, 'text-embedding-3-small-simulated');
  assert.equal(data[0].embedding.length, 64);
  assert.ok(dot(data[0].embedding, data[1].embedding) > dot(data[0].embedding, data[2].embedding) + 0.3);
  const packed = (await simulator.request('POST', '/v1/embeddings', { body: { model: 'text-embedding-3-small', input, dimensions: 64, encoding_format: 'base64' } })).json;
  const floats = new Float32Array(Uint8Array.from(Buffer.from(packed.data[0].embedding, 'base64')).buffer);
  assert.ok(Math.abs(floats[5] - data[0].embedding[5]) < 1e-6);
  const gemini = await simulator.request('POST', '/v1beta/models/gemini-embedding-001:embedContent', { body: { content: { parts: [{ text: input[0] }] }, outputDimensionality: 64 } });
  assert.equal(gemini.json.embedding.values.length, 64, gemini.text);
  const ollama = await simulator.request('POST', '/api/embed', { body: { model: 'nomic-embed-text', input } });
  assert.equal(ollama.json.embeddings.length, 3, ollama.text);
});

test('counts tokens and lists models, all of them simulated', async () => {
  const gemini = await simulator.request('POST', '/v1beta/models/gemini-2.0-flash:countTokens', { body: { contents: [{ role: 'user', parts: [{ text: 'hello there' }] }] } });
  assert.ok(gemini.json.totalTokens > 3, gemini.text);
  const anthropic = await simulator.request('POST', '/v1/messages/count_tokens', { body: { model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'hello' }] } });
  assert.ok(anthropic.json.input_tokens > 3, anthropic.text);
  const names = async (path, list, headers) => list((await simulator.request('GET', path, { headers })).json);
  for (const all of [
    await names('/v1/models', (json) => json.data.map((one) => one.id)),
    await names('/v1/models', (json) => json.data.map((one) => one.id), { 'anthropic-version': '2023-06-01' }),
    await names('/v1beta/models', (json) => json.models.map((one) => one.name)),
    await names('/api/tags', (json) => json.models.map((one) => one.name)),
  ]) {
    assert.ok(all.length > 0);
    for (const name of all) assert.match(name, /-simulated/);
  }
  assert.ok((await simulator.request('GET', '/api/version')).json.version);
});

test('what came in can be looked at, without keys', async () => {
  await ask('openai', { headers: { authorization: 'Bearer sk-secret-abcd1234' } });
  const { requests } = (await simulator.request('GET', '/simulator/requests')).json;
  assert.equal(requests.at(-1).path, '/v1/chat/completions');
  assert.match(requests.at(-1).headers.authorization, /…1234$/);
  assert.doesNotMatch(JSON.stringify(requests), /sk-secret/);
  assert.ok(requests.length <= 5);
});

test('limits per key answer 429 as each provider does; another key has its own', async () => {
  const limited = await Simulator.start({ args: ['--requests-per-minute', '2', '--api-key', 'alpha-key', '--api-key', 'beta-key'] });
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };
  const call = (key, path = '/v1/chat/completions', with_ = body) => limited.request('POST', path, { body: with_, headers: { authorization: `Bearer ${key}` } });
  const first = await call('alpha-key');
  assert.equal(first.headers.get('x-ratelimit-limit-requests'), '2');
  assert.equal(first.headers.get('x-ratelimit-remaining-requests'), '1');
  await call('alpha-key');
  const third = await call('alpha-key');
  assert.equal(third.status, 429);
  assert.equal(third.json.error.code, 'rate_limit_exceeded');
  assert.ok(Number(third.headers.get('retry-after')) >= 1);
  assert.equal((await call('beta-key')).status, 200);
  const anthropic = await call('alpha-key', '/v1/messages', { ...body, max_tokens: 5 });
  assert.equal(anthropic.json.error.type, 'rate_limit_error');
  assert.equal(anthropic.headers.get('anthropic-ratelimit-requests-limit'), '2');
  const gemini = await limited.request('POST', '/v1beta/models/gemini-2.0-flash:generateContent', { body: kProtocols.gemini.body(), headers: { 'x-goog-api-key': 'alpha-key' } });
  assert.equal(gemini.json.error.status, 'RESOURCE_EXHAUSTED');
  assert.match(gemini.text, /retryDelay/);
  assert.equal((await call('no-such-key')).status, 401);
  const embedding = await call('alpha-key', '/v1/embeddings', { model: 'text-embedding-3-small', input: 'hi' });
  assert.equal(embedding.status, 429);
  assert.equal((await call('beta-key', '/v1/embeddings', { model: 'text-embedding-3-small', input: 'hi' })).headers.get('x-ratelimit-remaining-requests'), '0');
  await limited.stop();
});

test('a fixed answer reads no prompt and is the same in every protocol, whole and streamed', async () => {
  const fixed = await Simulator.start({ args: ['--fixed-answer', 'All is well.'] });
  for (const [name, protocol] of Object.entries(kProtocols)) {
    const whole = await fixed.request('POST', protocol.path(false, 'm'), { body: protocol.body(false, 'm') });
    assert.equal(protocol.text(whole.json), 'All is well.', name);
    assert.equal(protocol.model(whole.json), 'fixed-simulated');
    const stream = await fixed.request('POST', protocol.path(true, 'm'), { body: protocol.body(true, 'm') });
    assert.equal(documents(stream.text).map(protocol.delta).join(''), 'All is well.', name);
  }
  await fixed.stop();
});

test('unknown paths and half requests do no harm', async () => {
  assert.equal((await simulator.request('GET', '/nothing/here')).status, 404);
  assert.equal((await simulator.request('POST', '/simulator/faults', { body: {} })).status, 405);
  const url = new URL(simulator.url);
  const answer = await new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.end('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'));
    let text = '';
    socket.on('data', (piece) => { text += piece; });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400/);
  assert.equal((await ask('openai')).status, 200);
});

test('what it cannot start with is one line and exit code 2', async () => {
  for (const args of [['--listen', 'nowhere'], ['--faults', 'statsu=1'], ['--nonsense']]) {
    const { code, stderr, stdout } = await runToEnd(kSimulatorBinary, args, { seconds: 10 });
    assert.equal(code, 2, args.join(' '));
    assert.ok((stderr + stdout).length > 10);
  }
  const help = await runToEnd(kSimulatorBinary, ['--help'], { seconds: 10 });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /stall_after_tokens/);
});
