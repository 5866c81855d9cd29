// Monitors that are not about metrics, on a running server: service checks, events, composites; refused ones with a sentence.
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

async function call(method, path, body) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'dd-api-key': server.apiKey, 'dd-application-key': server.appKey, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

async function make(type, query, options = {}) {
  const made = await call('POST', '/api/v1/monitor', { name: type, type, query, message: '', options });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  return made.body.id;
}

const stateOf = async (id) => {
  const { body } = await call('GET', `/api/v1/monitor/${id}?group_states=all`);
  assert.equal(body.evaluation_error, undefined);
  return body;
};
const becomes = (id, state) => pollUntil(`monitor ${id} is ${state}`, async () => (await stateOf(id)).overall_state === state);

test('a service check, events and a composite of both', { timeout: 180_000 }, async () => {
  const check = await make('service check', '"kinds.up".over("env:test").by("host","port").last(4).count_by_status()', { thresholds: { critical: 2, ok: 1 } });
  const events = await make('event-v2 alert', 'events("source:deploy kind:bad").rollup("count").by("service").last("5m") > 1');
  const both = await make('composite', `${check} && ${events}`);
  const notEvents = await make('composite', `${check} && !${events}`);
  const run = (status) =>
    call('POST', '/api/v1/check_run', [{ check: 'kinds.up', host_name: 'web-1', status, timestamp: nowSeconds(), tags: ['env:test', 'port:80'] }]);
  assert.equal((await run(0)).status, 202);
  await becomes(check, 'OK');
  const event = { title: 'deploy', text: 'went wrong', source_type_name: 'deploy', tags: ['kind:bad', 'service:shop'] };
  for (let i = 0; i < 2; ++i) assert.equal((await call('POST', '/api/v1/events', event)).status, 202);
  await becomes(events, 'Alert');
  assert.ok('service:shop' in (await stateOf(events)).state.groups);
  assert.equal((await stateOf(both)).overall_state, 'OK');
  const sending = setInterval(() => run(2).catch(() => {}), 3000);
  try {
    await becomes(check, 'Alert');
    assert.ok('host:web-1,port:80' in (await stateOf(check)).state.groups);
    await becomes(both, 'Alert');
    assert.equal((await stateOf(notEvents)).overall_state, 'OK');
  } finally {
    clearInterval(sending);
  }
  const refused = await call('POST', '/api/v1/monitor', { name: 'x', type: 'composite', query: `${both} || ${check}` });
  assert.equal(refused.status, 400);
  assert.match(refused.body.errors[0], /is itself a composite; name its members instead/);
  const cycle = await call('PUT', `/api/v1/monitor/${both}`, { query: `${both} && ${check}` });
  assert.equal(cycle.status, 400);
  assert.match(cycle.body.errors[0], /cannot contain itself/);
  assert.equal((await call('DELETE', `/api/v1/monitor/${check}`)).status, 409);
  assert.equal((await call('GET', `/api/v1/monitor/can_delete?monitor_ids=${check}`)).status, 409);
  assert.equal((await call('DELETE', `/api/v1/monitor/${check}?force=true`)).status, 200);
  await pollUntil('the composite says whom it misses', async () => {
    const { body } = await call('GET', `/api/v1/monitor/${both}`);
    return /does not exist/.test(body.evaluation_error ?? '');
  });
});

test('a full window is waited for', { timeout: 90_000 }, async () => {
  const id = await make('query alert', 'avg(last_5m):avg:kinds.gauge{*} > 1', { require_full_window: true });
  const loose = await make('query alert', 'avg(last_5m):avg:kinds.gauge{*} > 1', { require_full_window: false });
  await call('POST', '/api/v1/series', { series: [{ metric: 'kinds.gauge', type: 'gauge', points: [[nowSeconds(), 5]] }] });
  await becomes(loose, 'Alert');
  assert.notEqual((await stateOf(id)).overall_state, 'Alert');
});
