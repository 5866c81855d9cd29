// What became of each client's spans, said by the API and in words by `godseye doctor --ingest`; prices that the API set
// and conversions of a session, over a kill -9.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { Server, kBinary, pollUntil, runToEnd, temporaryFolder } from '../harness/server.mjs';

const nowNs = () => Number(BigInt(Date.now()) * 1_000_000n);
const kArgs = ['--trace-agent', '127.0.0.1:0'];

const span = (id, change = {}) => ({
  service: 'web', name: 'http.request', resource: 'GET /', type: 'web', trace_id: 1000 + id, span_id: id, parent_id: 0,
  start: nowNs(), duration: 5_000_000, error: 0, meta: { env: 'test' }, metrics: {}, ...change,
});

async function sendTraces(server, chunks) {
  const reply = await fetch(`http://${server.listeners['trace-agent']}/v0.4/traces`, {
    method: 'PUT', body: JSON.stringify(chunks),
    headers: { 'content-type': 'application/json', 'datadog-meta-lang': 'python', 'datadog-meta-tracer-version': '4.1.0' },
  });
  assert.equal(reply.status, 200, await reply.text());
}

async function sendCall(server, id, { session, model }) {
  const ids = { span_id: String(id), trace_id: '66aa11bb00000000123456789abcdef0' };
  await server.call('POST', '/api/v2/llmobs', { body: [{ '_dd.stage': 'raw', '_dd.tracer_version': '5.1', event_type: 'span', spans: [{
    ...ids, parent_id: 'undefined', name: 'answer', start_ns: nowNs(), duration: 8e8, status: 'ok', session_id: session,
    meta: { 'span.kind': 'llm', model_name: model, model_provider: 'openai', input: { messages: [{ role: 'user', content: 'red boots?' }] }, output: { messages: [{ role: 'assistant', content: 'Yes.' }] } },
    metrics: { input_tokens: 1000, output_tokens: 100 }, tags: ['service:assistant', 'ml_app:shop'], _dd: { ...ids, apm_trace_id: ids.trace_id },
  }] }] });
}

test('each client is told apart, and each loss has its reason', async () => {
  const server = await Server.start({ args: kArgs, anonymous: true });
  try {
    await sendTraces(server, [[span(1)], [span(2), span(0)]]);
    await sendTraces(server, [[span(1)]]);
    const row = await pollUntil('all that was accepted is queryable', async () => {
      const { spans } = await server.call('GET', '/api/godseye/v1/ingestion');
      const [found] = spans.rows;
      return found?.queryable === 2 && found;
    });
    assert.deepEqual({ client: row.client, version: row.version, received: row.received, accepted: row.accepted, stored: row.stored, refused: row.refused },
      { client: 'python', version: '4.1.0', received: 4, accepted: 2, stored: 2, refused: 0 });
    assert.equal(row.dropped.duplicate, 1);
    assert.equal(Object.values(row.dropped).reduce((sum, one) => sum + one, 0), 2);
    const doctor = await runToEnd(kBinary, ['doctor', '--ingest', '--http', server.listeners.http]);
    assert.match(doctor.stdout, /python 4\.1\.0: 4 spans received, 2 accepted, all stored and queryable/);
    assert.match(doctor.stdout, /1 duplicate \(arrived before/);
    assert.equal(await server.total('sum:godseye.ingestion.gap{*}'), 0);
  } finally {
    await server.stop();
  }
});

test('doctor --ingest without a server, and without keys, says so', async () => {
  const none = await runToEnd(kBinary, ['doctor', '--ingest', '--http', '127.0.0.1:9']);
  assert.equal(none.code, 1);
  assert.match(none.stdout, /no server answers at 127\.0\.0\.1:9/);
  const server = await Server.start({ args: kArgs });
  try {
    const refused = await runToEnd(kBinary, ['doctor', '--ingest', '--http', server.listeners.http], { env: { DD_API_KEY: '', DD_APP_KEY: '' } });
    assert.match(refused.stdout, /asks for keys: set DD_API_KEY and DD_APP_KEY/);
    const asked = await runToEnd(kBinary, ['doctor', '--ingest', '--http', server.listeners.http], { env: { DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey } });
    assert.match(asked.stdout, /no client has sent a span/);
  } finally {
    await server.stop();
  }
});

test('prices, ids and sessions are known after a kill', async () => {
  const dataDir = temporaryFolder();
  let server = await Server.start({ dataDir, args: kArgs, anonymous: true });
  try {
    const rows = { models: [{ provider: 'openai', model: 'gpt-house', prices: [{ input: 1, output: 10 }] }] };
    const wrong = await server.request('PUT', '/api/godseye/v1/prices', { body: { models: [{ ...rows.models[0], prices: [{ input: -1 }] }] } });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /models\[0\]\.prices\[0\]\.input/);
    await server.call('PUT', '/api/godseye/v1/prices', { body: rows });
    await sendCall(server, 71, { session: 'ada-1', model: 'gpt-house' });
    await sendCall(server, 72, { session: 'ada-1', model: 'gpt-unheard-of' });
    await pollUntil('the calls', async () => (await server.total('sum:llm.tokens.input{service:assistant}.as_count()')) === 2000);
    await server.stop({ signal: 'SIGKILL' }).catch(() => {});

    server = await Server.start({ dataDir, args: kArgs, anonymous: true });
    await sendCall(server, 71, { session: 'ada-1', model: 'gpt-house' });
    const order = { service: 'checkout', resource: '/shop.CheckoutService/PlaceOrder', meta: { session_id: 'ada-1', 'span.kind': 'server' } };
    await sendTraces(server, [[span(81, order)], [span(82, { ...order, meta: { ...order.meta, session_id: 'nobody' } })]]);
    const [converted] = await pollUntil('the conversion', async () => {
      const found = await server.query('sum:llm.session.converted{kind:checkout} by {service}.as_count()');
      return found.length > 0 && found;
    });
    assert.match(converted.scope, /service:assistant/);
    assert.equal(await server.total('sum:llm.session.converted{*}.as_count()'), 1);
    // 1,000 × 1 + 100 × 10 = 2,000 µUSD, once; the other model is unknown, not free.
    const spent = await server.total('sum:llm.cost.usd{service:assistant}.as_count()');
    assert.ok(Math.abs(spent - 0.002) < 1e-9, `llm.cost.usd is ${spent}`);
    assert.equal(await server.total('sum:llm.cost.unknown_model{service:assistant}.as_count()'), 1);
    const { row } = await server.call('GET', '/api/godseye/v1/prices', { query: { provider: 'openai', model: 'gpt-house' } });
    assert.equal(row, 'openai/gpt-house');
    await server.call('DELETE', '/api/godseye/v1/prices');
    assert.equal((await server.request('GET', '/api/godseye/v1/prices', { query: { model: 'gpt-house' } })).status, 404);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
