// The live catalogue: pushed by a shop, kept over a kill, used on texts by hand and on the answers in LLM spans.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Server, pollUntil, temporaryFolder } from '../harness/server.mjs';

const kLines = [
  { id: 'LMP-100', name: 'Fjellby Desk Lamp', brand: 'Fjellby', price: 79, currency: 'USD', stock: 4 },
  { id: 'CHR-200', name: 'Havsoy Lounge Chair', brand: 'Havsoy', price: 249.5, currency: 'USD', stock: 0 },
].map((row) => JSON.stringify(row)).join('\n');
const kShop = '/api/godseye/v1/catalogues/shop';

let server;
let dataDir;

before(async () => {
  dataDir = temporaryFolder();
  server = await Server.start({ dataDir });
});

after(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const put = (body, query = {}) =>
  server.request('PUT', kShop, { body, query, headers: { 'content-type': 'application/x-ndjson', 'dd-application-key': '' } });

test('a catalogue is pushed whole and in parts, each a version', async () => {
  const whole = await put(kLines);
  assert.equal(whole.status, 200, whole.text);
  assert.equal(whole.json.products, 2);
  assert.equal(whole.json.version, 1);
  const part = await put(`${JSON.stringify({ id: 'RUG-300', name: 'Tovahult Wool Rug', price: 120 })}\n{"id":"CHR-200","removed":true}`, { part: 'true' });
  assert.equal(part.json.products, 2);
  assert.equal(part.json.version, 2);
  const list = await server.call('GET', '/api/godseye/v1/catalogues');
  assert.deepEqual(list.catalogues.map((one) => [one.name, one.products, one.version]), [['shop', 2, 2]]);
  assert.ok(list.catalogues[0].age_s < 60);
});

test('a wrong line is named and changes nothing', async () => {
  const answer = await put(`${JSON.stringify({ id: 'X-1', name: 'x' })}\n{"id":"X-2","price":"cheap"}`);
  assert.equal(answer.status, 400);
  assert.match(answer.text, /line 2.*price/);
  assert.equal((await server.call('GET', kShop)).version, 2);
  assert.equal((await server.request('GET', '/api/godseye/v1/catalogues/none')).status, 404);
});

test('answers are checked against it, also after a kill', async () => {
  await server.stop({ signal: 'SIGKILL' });
  server = await Server.start({ dataDir, keys: server.keys });
  assert.equal((await server.call('GET', kShop)).version, 2);
  const answer = await server.call('POST', '/api/godseye/v1/inspect/text', {
    body: { question: 'A lamp?', answer: 'Take the Fjellby Desk Lamp for $99 or the "Norrvik Glow Lantern X900".', catalogue: 'shop' },
  });
  const verdicts = answer.products.mentions.map((one) => one.verdict);
  assert.ok(verdicts.includes('wrong_price'), JSON.stringify(answer.products));
  assert.ok(verdicts.includes('invalid'), JSON.stringify(answer.products));
});

test('invented products in LLM spans become the metrics of rule 2', async () => {
  const now = Date.now() * 1e6;
  const span = (id, text) => ({
    span_id: String(id), trace_id: String(id), parent_id: 'undefined', name: 'answer', start_ns: now, duration: 5e8, status: 'ok',
    meta: {
      kind: 'llm', input: { messages: [{ role: 'user', content: 'A lamp, please.' }] }, output: { messages: [{ role: 'assistant', content: text }] },
      metadata: { model_name: 'gemini-2.0-flash', model_provider: 'google' },
    },
    metrics: { input_tokens: 10, output_tokens: 20 },
  });
  const sent = await server.request('POST', '/api/intake/llm-obs/v1/trace/spans', {
    body: { data: { type: 'span', attributes: { ml_app: 'chat', tags: ['service:chat'], spans: [
      span(901, 'Take the Fjellby Desk Lamp, it is in stock.'),
      span(902, 'Take the "Norrvik Glow Lantern X900" or the "Ulvsta Night Light Z77".'),
    ] } } },
  });
  assert.equal(sent.status, 202, sent.text);
  await pollUntil('products in the metrics', async () => {
    const total = await server.total('sum:llm.recommendation.total{*}.as_count()');
    const invalid = await server.total('sum:llm.recommendation.invalid{*}.as_count()');
    if (total !== 3 || invalid !== 2) throw new Error(`${invalid} of ${total}`);
    return true;
  });
});
