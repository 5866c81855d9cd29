// The path the product exists for: a datagram of a real client becomes an incident that names its session and a webhook
// that was called, once; a restart in the middle changes nothing; the session falls silent and the incident is resolved.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import StatsD from 'hot-shots';
import { Server, WebhookSink, pollUntil, sleep, temporaryFolder } from '../harness/server.mjs';

const kMetric = 'llm.security.injection_attempt_score';
let dataDir;
let server;
let sink;
let monitorId;

before(async () => {
  dataDir = temporaryFolder();
  server = await Server.start({ dataDir, anonymous: true });
  sink = await WebhookSink.start();
  await server.call('POST', '/api/v1/integration/webhooks/configuration/webhooks', {
    body: {
      name: 'pager', url: `${sink.url}/pager`, encode_as: 'json',
      payload: '{"transition": "$ALERT_TRANSITION", "scope": "$ALERT_SCOPE", "id": "$ALERT_ID"}',
    },
  });
  const monitor = await server.call('POST', '/api/v1/monitor', {
    body: {
      name: 'Prompt injection', type: 'query alert', query: `max(last_1m):max:${kMetric}{*} by {session_id} > 0.7`,
      message: 'Session {{session_id.name}} scored {{value}}. @incident-prompt-injection @webhook-pager',
      options: { thresholds: { critical: 0.7 }, on_missing_data: 'resolve' },
    },
  });
  monitorId = monitor.id;
});

after(async () => {
  await server.stop({ keepData: false });
  await sink.stop();
});

const webhooks = (transition) =>
  sink.calls.map((call) => JSON.parse(call.body)).filter((body) => body.transition === transition);

const incidents = async () => (await server.call('GET', '/api/v2/incidents')).data;

function client() {
  return new StatsD({ host: server.dogstatsd.host, port: server.dogstatsd.port, errorHandler: (error) => { throw error; } });
}

function send(statsd, value, session) {
  return new Promise((resolve, reject) => {
    statsd.distribution(kMetric, value, { service: 'chat', session_id: session }, (error) => (error ? reject(error) : resolve()));
  });
}

test('a hostile message opens an incident that names its session, and calls the webhook', async (context) => {
  const statsd = client();
  for (const session of ['ada-1', 'grace-2', 'alan-3']) await send(statsd, 0.05, session);
  // Right after a ten-second cut: the message waits for the whole next one, which is as long as it can take.
  await sleep(10_500 - (Date.now() % 10_000));
  const began = Date.now();
  await send(statsd, 0.93, 'mallory-77');
  const incident = await pollUntil('an open incident', async () => (await incidents())[0], { everyMilliseconds: 50 });
  const opened = Date.now();
  await pollUntil('the webhook', () => webhooks('Triggered').length > 0, { everyMilliseconds: 20 });
  const called = sink.calls[0].time;
  context.diagnostic(`from the datagram to the open incident ${(opened - began) / 1000} s, to the called webhook ${(called - began) / 1000} s`);
  assert.match(JSON.stringify(incident.attributes.fields.attributed_to), /session_id:mallory-77/);
  assert.doesNotMatch(JSON.stringify(incident.attributes.fields.attributed_to), /ada-1|grace-2|alan-3/);
  assert.match(webhooks('Triggered')[0].scope, /session_id:mallory-77/);
  assert.equal((await incidents()).length, 1);
  statsd.close(() => {});
});

test('the monitor shows the group in Alert', async () => {
  const monitor = await server.call('GET', `/api/v1/monitor/${monitorId}`, { query: { group_states: 'all' } });
  assert.equal(monitor.overall_state, 'Alert');
  assert.equal(monitor.state?.groups?.['session_id:mallory-77']?.status, 'Alert');
});

test('more of the same updates the incident and does not call again', async () => {
  const statsd = client();
  await send(statsd, 0.97, 'mallory-77');
  await sleep(12_000); // one whole cut and its evaluation
  assert.equal((await incidents()).length, 1);
  assert.equal(webhooks('Triggered').length, 1);
  statsd.close(() => {});
});

test('a restart keeps the group states: no second incident, no second webhook', async () => {
  await server.stop({ keepData: true });
  server = await Server.start({ dataDir, anonymous: true, keys: server.keys });
  const statsd = client();
  await send(statsd, 0.96, 'mallory-77');
  await sleep(12_000);
  assert.equal((await incidents()).length, 1);
  assert.equal(webhooks('Triggered').length, 1);
  const monitor = await server.call('GET', `/api/v1/monitor/${monitorId}`);
  assert.equal(monitor.overall_state, 'Alert');
  statsd.close(() => {});
});

test('a kill -9 keeps them as well', async () => {
  await server.stop({ signal: 'SIGKILL', keepData: true });
  server = await Server.start({ dataDir, anonymous: true, keys: server.keys });
  await sleep(12_000);
  assert.equal((await incidents()).length, 1);
  assert.equal(webhooks('Triggered').length, 1);
});

test('once the session is silent the incident is resolved, and the webhook hears of it once', async () => {
  await pollUntil('the incident is resolved', async () => {
    const [incident] = await incidents();
    const state = incident.attributes.state ?? JSON.stringify(incident.attributes.fields.state ?? '');
    return /resolved/.test(state) || Promise.reject(new Error(`it is ${state}`));
  }, { seconds: 100, everyMilliseconds: 500 });
  await pollUntil('the recovery', () => webhooks('Recovered').length > 0, { seconds: 15 });
  await sleep(1000);
  assert.equal(webhooks('Recovered').length, 1);
  assert.equal(webhooks('Triggered').length, 1);
  assert.equal((await incidents()).length, 1);
});
