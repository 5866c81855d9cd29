// Events, service checks and product analytics: every way in, found again, counted right, refused clearly.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, nowSeconds, pollUntil } from '../harness/server.mjs';

let server;

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server.stop();
});

const search = (query) =>
  server.request('GET', '/api/v2/events', { query: { 'filter[query]': query, 'filter[from]': 'now-1h', 'page[limit]': '50' } });

const found = (query, count) =>
  pollUntil(`${count} events for ${query}`, async () => {
    const answer = await search(query);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.data.length === count && answer.json.data;
  });

test('an event of v1 comes back by id, by list and by search', async () => {
  const hostile = '<img src=x onerror=alert(1)> {{value}} @webhook-ops';
  const created = await server.request('POST', '/api/v1/events', {
    body: { title: 'Deployed shop', text: hostile, tags: ['env:prod', 'session_id:s-1'], alert_type: 'success', source_type_name: 'deploy', host: 'web-1' },
  });
  assert.equal(created.status, 202, created.text);
  assert.equal(created.json.status, 'ok');
  const { id } = created.json.event;
  assert.ok(Number.isSafeInteger(id));
  const [event] = await found('source:deploy status:success env:prod', 1);
  assert.equal(event.attributes.message, hostile);
  assert.ok(event.attributes.tags.includes('session_id:s-1'));
  const one = await server.request('GET', `/api/v1/events/${id}`);
  assert.equal(one.json.event.title, 'Deployed shop');
  const list = await server.request('GET', '/api/v1/events', { query: { start: nowSeconds() - 600, end: nowSeconds() + 1, tags: 'env:prod', sources: 'deploy' } });
  assert.deepEqual(list.json.events.map((each) => each.id), [id]);
  assert.equal((await server.request('GET', '/api/v1/events/12345')).status, 404);
  await found('session_id:s-1', 1);
  await found('"deployed shop" -env:dev', 1);
  await found('env:pr*', 1);
  await found('-source:deploy title:*shop*', 0);
});

test('events and checks of DogStatsD are stored', async () => {
  await server.send('_e{7,9}:restart|line\\nnew|t:warning|s:init|h:db-1|#service:shop,session_id:s-2');
  await server.send('_sc|shop.health|2|h:db-1|#service:shop|m:refused');
  const [event] = await found('source:init', 1);
  assert.equal(event.attributes.message, 'line\nnew');
  assert.equal(event.attributes.attributes.hostname, 'db-1');
  assert.equal(event.attributes.attributes.status, 'warning');
});

test('service checks are taken one by one and in arrays', async () => {
  const now = nowSeconds();
  for (const body of [{ check: 'app.ok', host_name: 'h', status: 0, tags: ['env:prod'], timestamp: now }, [{ check: 'app.ok', host_name: 'h', status: 2 }]]) {
    const answer = await server.request('POST', '/api/v1/check_run', { body });
    assert.equal(answer.status, 202, answer.text);
    assert.deepEqual(answer.json, { status: 'ok' });
  }
});

test('product analytics calls are events and metrics', async () => {
  const calls = [
    { type: 'endpoint_usage', name: '/chat', session_id: 's-3', service: 'shop', latency_ms: 250, cost_usd: 0.25 },
    { type: 'endpoint_usage', name: '/chat', session_id: 's-4', service: 'shop', latency_ms: 750, cost_usd: 0.5 },
    { type: 'feature_usage', name: 'stylist', session_id: 's-3' },
    { type: 'user_action', name: 'add_to_cart', session_id: 's-3' },
    { type: 'event', name: 'opened', session_id: 's-3' },
    { type: 'conversion', name: 'checkout', session_id: 's-3', value: 49.5, properties: { items: 2 } },
  ];
  const answer = await server.request('POST', '/api/godseye/v1/analytics', { body: calls });
  assert.equal(answer.status, 202, answer.text);
  assert.deepEqual(answer.json, { status: 'ok', accepted: 6, dropped: 0 });
  await found('source:product_analytics session_id:s-3', 5);
  await found('@values.latency_ms:>=500', 1);
  await pollUntil('the derived metrics', async () => (await server.total('sum:product_analytics.endpoint_usage{endpoint:/chat}.as_count()')) === 2);
  assert.equal(await server.total('sum:product_analytics.conversion{*} by {session_id}.as_count()'), 1);
  const [cost] = await server.query('sum:product_analytics.endpoint_cost{*}.rollup(sum, 600)');
  assert.equal(cost.pointlist.reduce((sum, [, value]) => sum + (value ?? 0), 0), 0.75);
});

test('pages follow each other without gaps or repetitions', async () => {
  for (let index = 0; index < 25; ++index) {
    await server.request('POST', '/api/v1/events', { body: { title: `page ${index}`, text: 'x', tags: ['set:pages'] } });
  }
  await found('set:pages', 25);
  const seen = [];
  let cursor = '';
  do {
    const page = await server.request('POST', '/api/v2/events/search', {
      body: { filter: { query: 'set:pages', from: 'now-1h' }, sort: 'timestamp', page: { limit: 10, ...(cursor && { cursor }) } },
    });
    assert.equal(page.status, 200, page.text);
    seen.push(...page.json.data.map((each) => each.attributes.attributes.title));
    cursor = page.json.meta.page?.after ?? '';
  } while (cursor);
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, index) => `page ${index}`));
});

test('bad input is refused with the field that is wrong', async () => {
  const refused = async (path, body, field) => {
    const answer = await server.request('POST', path, { body });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.text, field);
  };
  await refused('/api/v1/events', { text: 'no title' }, /title/);
  await refused('/api/v1/events', { title: 'x', alert_type: 'loud' }, /alert_type/);
  await refused('/api/v1/events', { title: 'old', text: '', date_happened: 1000 }, /18 hours/);
  await refused('/api/v1/check_run', [{ check: 'a', status: 9 }], /\[0\]\.status/);
  await refused('/api/godseye/v1/analytics', { type: 'page', name: 'x' }, /type/);
  await refused('/api/v1/events', '[[[[', /JSON|json/);
  for (const query of ['a:(b', '@values.x:>text', 'host:[1 TO 2]']) {
    const answer = await search(query);
    assert.equal(answer.status, 400, `${query}: ${answer.text}`);
    assert.match(answer.text, /column \d+/);
  }
  assert.equal((await server.request('GET', '/api/v2/events', { query: { 'page[cursor]': 'x' } })).status, 400);
});
