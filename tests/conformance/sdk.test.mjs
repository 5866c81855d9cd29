// Our own C++ library, by its example program (examples/sdk_chat): all of it arrives at Godseye, and Datadog's fake agent
// finds nothing to object to, so that the same program works beside a real Datadog Agent.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Recorder, TestAgent, exchange, kTraceChecks } from '../harness/recorder.mjs';
import { Server, kBinary, pollUntil, runToEnd } from '../harness/server.mjs';
import { Shop } from '../harness/shop.mjs';
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

// Some checks run only for the newer naming of spans, which a header switches on: so everything is shown a second time.
async function passesEveryCheck(sent, service) {
  assert.deepEqual(sent.refused(), []);
  const payloads = sent.of(/^\/v0\.4\/traces/);
  assert.ok(payloads.length > 0, 'nothing came');
  for (const one of payloads) {
    const again = await exchange(reference.url, { ...one, headers: { ...one.headers, 'x-datadog-trace-env-variables': `DD_TRACE_SPAN_ATTRIBUTE_SCHEMA=v1,DD_SERVICE=${service}` } });
    assert.equal(again.status, 200, again.body.toString().slice(0, 2000));
  }
  const { body } = await exchange(reference.url, { method: 'GET', path: '/test/trace_check/summary?return_all=true' });
  const summary = JSON.parse(body);
  for (const check of kTraceChecks) {
    assert.ok(summary[check]?.Passed_Checks > 0, `${check} did not run: ${body}`);
    assert.equal(summary[check].Failed_Checks, 0, `${check}: ${body}`);
  }
}

test('Datadog’s fake agent accepts what it sends, by every check', async () => {
  assert.deepEqual(await differences(recorder, reference), []);
  const direct = await Recorder.start(reference.url);
  try {
    const alone = await chat('cpp-session-2', 'u', { DD_TRACE_AGENT_URL: direct.url, GODSEYE_URL: '' });
    assert.equal(alone.code, 0, alone.stderr);
    const traces = await reference.get('/test/traces');
    assert.ok(traces.some((trace) => trace.some((span) => span.name === 'gemini.request' && span.service === 'chat')), JSON.stringify(traces).slice(0, 500));
    await passesEveryCheck(direct, 'chat');
  } finally {
    await direct.stop();
  }
});

test('Datadog’s fake agent accepts the spans of the shop’s services', async () => {
  const direct = await Recorder.start(reference.url);
  const services = ['productcatalogservice', 'recommendationservice', 'currencyservice'];
  const shop = await Shop.start({ server: { agentUrl: direct.url, listeners: server.listeners }, services });
  try {
    // Until it has read the products it answers UNAVAILABLE: each try is a session, and a trace, of its own.
    let tries = 0;
    await pollUntil('recommendations', async () => (await shop.call('recommendationservice', 'recommendation', 'RecommendationService/ListRecommendations', { productIds: ['HOM-LMP-0001'], maxResults: 4 }, { metadata: { session_id: `shop-agent-${++tries}` } })).status === 'OK');
    const refused = await shop.call('currencyservice', 'currency', 'CurrencyService/Convert', { toCurrency: 'XXX' });
    assert.equal(refused.status, 'INVALID_ARGUMENT');
    let spans = [];
    await pollUntil('spans of every service', async () => {
      spans = (await reference.get('/test/traces')).flat();
      return services.every((service) => spans.some((span) => span.service === service));
    });
    const mine = spans.filter((span) => span.meta?.session_id === `shop-agent-${tries}`);
    assert.ok(mine.some((span) => span.service === 'recommendationservice') && new Set(mine.map((span) => span.trace_id)).size === 1, JSON.stringify(mine).slice(0, 2000));
    await passesEveryCheck(direct, 'recommendationservice');
  } finally {
    await shop.stop();
    await direct.stop();
  }
});

test('with nobody there it says so and ends', async () => {
  const run = await chat('s', 'u', { DD_TRACE_AGENT_URL: 'http://127.0.0.1:1', GODSEYE_URL: '' });
  assert.equal(run.code, 1);
  assert.equal(said(run).arrived, false);
});
