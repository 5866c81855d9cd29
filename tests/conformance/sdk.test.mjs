// Our own C++ library, by its example program (examples/sdk_chat): all of it arrives at Godseye, and Datadog's fake agent
// finds nothing to object to, so that the same program works beside a real Datadog Agent.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Recorder, TestAgent } from '../harness/recorder.mjs';
import { Server, kBinary, pollUntil, runToEnd } from '../harness/server.mjs';
import { storeRows } from '../harness/spans.mjs';
import { SpansReader } from './spans_api.mjs';
import { differences } from './trace_clients.mjs';

const kExample = join(dirname(kBinary), 'sdk-chat');
let server;
let recorder;
let reference;

before(async () => {
  assert.ok(existsSync(kExample), `${kExample} is not built: ./test release`);
  [server, reference] = await Promise.all([Server.start({ traceAgent: true }), TestAgent.start()]);
  recorder = await Recorder.start(server.agentUrl);
});

after(async () => {
  await Promise.all([recorder.stop(), server.stop(), reference.stop()]);
});

const chat = (session, user, env = {}) => runToEnd(kExample, [session, user], {
  env: {
    DD_SERVICE: 'chat', DD_ENV: 'conformance', DD_VERSION: '2.0', DD_TAGS: 'team:shop', DD_TRACE_AGENT_URL: recorder.url,
    DD_DOGSTATSD_URL: `udp://${server.listeners.dogstatsd}`, GODSEYE_URL: server.url, DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey, ...env,
  },
});
const said = (run) => JSON.parse(run.stderr.trim().split('\n').at(-1));

test('traces, LLM spans, metrics, logs and analytics of one session', async () => {
  const run = await chat('cpp-session-1', 'cpp-user-1');
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(said(run), { blocked: false, arrived: true, lost: 0 });
  assert.deepEqual(recorder.refused(), []);

  const spans = await new SpansReader(server).arrived('env:conformance @session_id:cpp-session-1', 5);
  const of = (name) => spans.find((span) => span.attributes.attributes?.custom?.operation_name === name || span.attributes.operationName === name || span.attributes.resourceName === name);
  const traces = new Set(spans.map((span) => span.attributes.traceId));
  assert.equal(traces.size, 1, 'one trace over both services');
  assert.ok(of('POST /chat') && of('/shop.Catalogue/Search') && of('gemini-2.0-flash'), JSON.stringify(spans.map((span) => span.attributes.resourceName)));

  const rows = await storeRows(server, "SELECT model_name, toInt64(input_tokens) AS tokens, toFloat64(cost_usd) AS cost FROM godseye.llm_spans WHERE span_id IN (SELECT span_id FROM godseye.spans WHERE session_id = 'cpp-session-1')");
  assert.equal(rows.length, 3, JSON.stringify(rows));
  const call = rows.find((row) => row.model_name === 'gemini-2.0-flash');
  assert.equal(Number(call.tokens), 1200);
  assert.ok(call.cost > 0, JSON.stringify(call));

  await pollUntil('the order counts once', async () => (await server.total('sum:checkout.order.count{service:chat,currency:eur}.as_count()')) === 1);
  await pollUntil('tokens are derived', async () => (await server.total('sum:llm.tokens.input{service:chat}.as_count()')) === 1200);
  await pollUntil('the conversion counts', async () => (await server.total('sum:product_analytics.conversion{service:chat}.as_count()')) === 1);

  const lines = run.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.message), ['searched', 'card was declined']);
  for (const line of lines) {
    assert.deepEqual([line.session_id, line.user_id, line.service, line.env], ['cpp-session-1', 'cpp-user-1', 'chat', 'conformance']);
    assert.match(line.trace_id, /^[0-9a-f]{32}$/);
    assert.match(line.span_id, /^[1-9][0-9]*$/);
  }
});

test('a blocked session is turned away', async () => {
  const block = await server.request('POST', '/api/godseye/v1/blocks', { body: { kind: 'session', value: 'cpp-mallory', reason: 'test', author: 'test', duration_s: 600 } });
  assert.ok(block.status < 300, block.text);
  const run = await chat('cpp-mallory', 'u');
  assert.equal(said(run).blocked, true, run.stderr);
});

test('hostile text from a user stays text on every way', async () => {
  const session = 's"]}\n<script>|#,:';
  const run = await chat(session, 'u\r\nX-Evil: 1');
  assert.equal(run.code, 0, run.stderr);
  for (const line of run.stdout.trim().split('\n')) assert.equal(JSON.parse(line).user_id, 'u\r\nX-Evil: 1');
});

test('Datadog’s fake agent accepts what it sends', async () => {
  assert.deepEqual(await differences(recorder, reference), []);
  const alone = await chat('cpp-session-2', 'u', { DD_TRACE_AGENT_URL: reference.url, GODSEYE_URL: '' });
  assert.equal(alone.code, 0, alone.stderr);
  const traces = await reference.get('/test/traces');
  assert.ok(traces.some((trace) => trace.some((span) => span.name === 'gemini.request' && span.service === 'chat')), JSON.stringify(traces).slice(0, 500));
});

test('with nobody there it says so and ends', async () => {
  const run = await chat('s', 'u', { DD_TRACE_AGENT_URL: 'http://127.0.0.1:1', GODSEYE_URL: '' });
  assert.equal(run.code, 1);
  assert.equal(said(run).arrived, false);
});
