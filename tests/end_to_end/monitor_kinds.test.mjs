// Monitors that are not about metrics, on a running server: service checks, events, composites; refused ones with a sentence; and
// a metric monitor tried over history.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, WebhookSink, kBinary, nowSeconds, pollUntil, runToEnd } from '../harness/server.mjs';

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

async function make(type, query, options = {}, message = '') {
  const made = await call('POST', '/api/v1/monitor', { name: type, type, query, message, options });
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
  const sink = await WebhookSink.start();
  const webhook = { name: 'kinds', url: sink.url, payload: '"$EVENT_MSG"' };
  assert.equal((await call('POST', '/api/v1/integration/webhooks/configuration/webhooks', webhook)).status, 201);
  const told = (text) => pollUntil(`somebody is told: ${text}`, () => sink.calls.some((one) => one.body.includes(text)));
  const check = await make('service check', '"kinds.up".over("env:test").by("host","port").last(4).count_by_status()',
    { thresholds: { critical: 2, ok: 1 } }, '{{#is_alert}}it says {{check_message}}{{/is_alert}} @webhook-kinds');
  const events = await make('event-v2 alert', 'events("source:deploy kind:bad").rollup("count").by("service").last("5m") > 1', {},
    '{{event.title}}: {{event.text}} ({{event.tags.kind}}) @webhook-kinds');
  const both = await make('composite', `${check} && ${events}`, {}, 'check {{a.status}}, {{b.value}} deploys @webhook-kinds');
  const notEvents = await make('composite', `${check} && !${events}`);
  const run = (status) =>
    call('POST', '/api/v1/check_run', [{ check: 'kinds.up', host_name: 'web-1', status, timestamp: nowSeconds(), message: 'no answer', tags: ['env:test', 'port:80'] }]);
  assert.equal((await run(0)).status, 202);
  await becomes(check, 'OK');
  const event = { title: 'deploy', text: 'went wrong', source_type_name: 'deploy', tags: ['kind:bad', 'service:shop'] };
  for (let i = 0; i < 2; ++i) assert.equal((await call('POST', '/api/v1/events', event)).status, 202);
  await becomes(events, 'Alert');
  assert.ok('service:shop' in (await stateOf(events)).state.groups);
  await told('deploy: went wrong (bad)');
  assert.equal((await stateOf(both)).overall_state, 'OK');
  const sending = setInterval(() => run(2).catch(() => {}), 3000);
  try {
    await becomes(check, 'Alert');
    assert.ok('host:web-1,port:80' in (await stateOf(check)).state.groups);
    await becomes(both, 'Alert');
    assert.equal((await stateOf(notEvents)).overall_state, 'OK');
    await told('it says no answer');
    await told('check Alert, 2 deploys');
  } finally {
    clearInterval(sending);
    await sink.stop();
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

test('a monitor is tried over history by the command', { timeout: 120_000 }, async () => {
  const now = Math.floor(nowSeconds() / 60) * 60;
  const points = [];
  for (let at = now - 1800; at < now; at += 10) {
    points.push({ timestamp: at, value: at >= now - 900 && at < now - 600 ? 9 : 1 });
  }
  const sent = await call('POST', '/api/v2/series', { series: [{ metric: 'kinds.tried', type: 3, points, tags: ['host:a'] }] });
  assert.equal(sent.status, 202, JSON.stringify(sent.body));
  await pollUntil('the points are stored', async () => (await server.query('avg:kinds.tried{*}', 1700)).length > 0);
  const monitor = JSON.stringify({ name: 'tried', type: 'query alert', query: 'avg(last_1m):avg:kinds.tried{*} by {host} > 4' });
  const args = ['monitor', 'try', '-', '--server', server.url, '--api-key', server.apiKey, '--app-key', server.appKey,
    '--from', String(now - 1800), '--to', String(now)];
  const shown = await runToEnd(kBinary, args, { input: monitor });
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /Triggered .*host:a\n/);
  assert.match(shown.stdout, /Recovered .*host:a\n/);
  assert.match(shown.stdout, /host:a: 1 times in Alert, 5 min in all, now OK\n180 evaluations, 1 groups\n/);
  const raw = await runToEnd(kBinary, [...args, '--json'], { input: monitor });
  const answer = JSON.parse(raw.stdout.split('\n')[0]);
  assert.equal(answer.complete, true);
  assert.deepEqual(answer.groups[0].transitions.map(({ kind }) => kind), ['Triggered', 'Recovered']);
  const wrong = await runToEnd(kBinary, args, { input: monitor.replace('> 4', '>') });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^godseye monitor try: /);
});

test('short windows are answered from memory', { timeout: 60_000 }, async () => {
  const id = await make('query alert', 'avg(last_5m):avg:kinds.tried{*} by {host} > 4');
  await becomes(id, 'OK');
  await pollUntil('memory answers', async () => {
    const text = await (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.apiKey}` } })).text();
    return /^godseye_recent_answered_total [1-9]/m.test(text) && /^godseye_recent_metrics [1-9]/m.test(text);
  });
});
