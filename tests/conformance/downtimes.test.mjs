// Downtimes and mutes through clients of Datadog that nobody changed: @datadog/datadog-api-client (npm), datadog-api-client
// (PyPI, python/downtimes.py) and dogshell (PyPI `datadog`). And what they are for: nobody is told while one covers a group.
import './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { Server, WebhookSink, kRoot, nowSeconds, pollUntil, runToEnd, sleep } from '../harness/server.mjs';

const { client, v1, v2 } = await import('@datadog/datadog-api-client').then((module) => module.default);
const kBin = join(kRoot, '.cache/venv/bin');

let server;
let sink;
let configuration;

before(async () => {
  server = await Server.start();
  sink = await WebhookSink.start();
  configuration = client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(server.url, {}),
    authMethods: { apiKeyAuth: server.apiKey, appKeyAuth: server.appKey },
  });
});

after(async () => {
  await server.stop();
  await sink.stop();
});

function assertParsed(value, path = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  assert.ok(!value._unparsed, `${path} could not be parsed by the client: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${path}.${key}`);
}

const makeMonitor = (name, extra = {}) =>
  new v1.MonitorsApi(configuration).createMonitor({
    body: { name, type: 'query alert', query: `max(last_1m):max:${name}{*} by {session_id} > 0.7`, message: '', tags: [`name:${name}`], ...extra },
  });

test('a one-time downtime is made, read, listed, changed and canceled', async () => {
  const monitor = await makeMonitor('once');
  const api = new v2.DowntimesApi(configuration);
  const made = await api.createDowntime({
    body: {
      data: {
        type: 'downtime',
        attributes: {
          message: 'rollout', scope: 'env:prod', monitorIdentifier: { monitorId: monitor.id }, displayTimezone: 'Europe/Paris',
          muteFirstRecoveryNotification: true, notifyEndStates: ['alert'], notifyEndTypes: ['canceled', 'expired'],
          schedule: { start: new Date(Date.now() - 60_000), end: new Date(Date.now() + 3_600_000) },
        },
      },
    },
  });
  assertParsed(made);
  assert.equal(made.data.attributes.status, 'active');
  assert.equal(made.data.attributes.scope, 'env:prod');
  const downtimeId = made.data.id;
  const read = await api.getDowntime({ downtimeId, include: 'monitor' });
  assertParsed(read);
  assert.equal(read.included[0].attributes.name, 'once');
  const listed = await api.listDowntimes({ currentOnly: true });
  assertParsed(listed);
  assert.ok(listed.data.some((one) => one.id === downtimeId));
  const matches = await api.listMonitorDowntimes({ monitorId: monitor.id });
  assertParsed(matches);
  assert.equal(matches.data[0].id, downtimeId);
  const changed = await api.updateDowntime({
    downtimeId, body: { data: { id: downtimeId, type: 'downtime', attributes: { message: 'longer rollout' } } },
  });
  assert.equal(changed.data.attributes.message, 'longer rollout');
  await api.cancelDowntime({ downtimeId });
  assert.equal((await api.getDowntime({ downtimeId })).data.attributes.status, 'canceled');
  await assert.rejects(api.getDowntime({ downtimeId: 'none' }), (error) => error.code === 404);
});

test('a recurring downtime has the period that is or comes next', async () => {
  const api = new v2.DowntimesApi(configuration);
  const made = await api.createDowntime({
    body: {
      data: {
        type: 'downtime',
        attributes: {
          scope: '*', monitorIdentifier: { monitorTags: ['name:nobody'] },
          schedule: { timezone: 'America/New_York', recurrences: [{ duration: '1h', rrule: 'FREQ=DAILY', start: '2026-01-01T03:00' }] },
        },
      },
    },
  });
  assertParsed(made);
  const { currentDowntime, recurrences } = made.data.attributes.schedule;
  assert.equal(recurrences[0].rrule, 'FREQ=DAILY');
  assert.equal(currentDowntime.end - currentDowntime.start, 3_600_000);
  assert.ok(currentDowntime.end > new Date());
  const hour = new Intl.DateTimeFormat('en', { hour: 'numeric', hour12: false, timeZone: 'America/New_York' });
  assert.equal(Number(hour.format(currentDowntime.start)), 3);
  await assert.rejects(
    api.createDowntime({
      body: {
        data: {
          type: 'downtime',
          attributes: {
            scope: '*', monitorIdentifier: { monitorTags: ['*'] },
            schedule: { recurrences: [{ duration: '1h', rrule: 'FREQ=SECONDLY' }] },
          },
        },
      },
    }),
    (error) => error.code === 400 && JSON.stringify(error.body).includes('FREQ=HOURLY'),
  );
});

test('the same through v1', async () => {
  const api = new v1.DowntimesApi(configuration);
  const made = await api.createDowntime({
    body: {
      scope: ['env:staging'], start: nowSeconds(), end: nowSeconds() + 3600, timezone: 'Europe/Paris', message: 'v1',
      recurrence: { type: 'weeks', period: 1, weekDays: ['Mon', 'Tue'] },
    },
  });
  assertParsed(made);
  assert.deepEqual(made.recurrence.weekDays, ['Mon', 'Tue']);
  const read = await api.getDowntime({ downtimeId: made.id });
  assertParsed(read);
  const listed = await api.listDowntimes({});
  assertParsed(listed);
  assert.ok(listed.some((one) => one.id === made.id));
  assert.equal((await api.updateDowntime({ downtimeId: made.id, body: { message: 'changed' } })).message, 'changed');
  assert.deepEqual((await api.cancelDowntimesByScope({ body: { scope: 'env:staging' } })).cancelledIds, [made.id]);
});

test('a downtime withholds an alert, and tells it when it ends', { timeout: 120_000 }, async () => {
  await new v1.WebhooksIntegrationApi(configuration).createWebhooksIntegration({
    body: { name: 'quiet', url: `${sink.url}/quiet`, encodeAs: 'json', payload: '{"scope": "$ALERT_SCOPE", "transition": "$ALERT_TRANSITION"}' },
  });
  const monitor = await makeMonitor('withheld', { message: '@webhook-quiet {{session_id.name}}' });
  const end = nowSeconds() + 25;
  await new v2.DowntimesApi(configuration).createDowntime({
    body: {
      data: {
        type: 'downtime',
        attributes: {
          scope: 'session_id:mallory-1', monitorIdentifier: { monitorId: monitor.id }, schedule: { end: new Date(end * 1000) },
        },
      },
    },
  });
  const calls = () => sink.calls.filter((one) => one.url === '/quiet').map((one) => JSON.parse(one.body));
  const state = async () => (await new v1.MonitorsApi(configuration).getMonitor({ monitorId: monitor.id })).overallState;
  let sending = true;
  const load = (async () => {
    while (sending) {
      await server.send('withheld:0.9|d|#session_id:mallory-1');
      await sleep(2000);
    }
  })();
  try {
    await pollUntil('the monitor is in Alert', async () => (await state()) === 'Alert');
    assert.deepEqual(calls(), [], 'nobody is told while the downtime lasts');
    await pollUntil('the end is told', () => calls().length > 0, { seconds: 60 });
    assert.ok(nowSeconds() >= end, 'not before its end');
    assert.equal(calls()[0].transition, 'Triggered');
  } finally {
    sending = false;
    await load;
  }
});

test('datadog-api-client (PyPI)', { timeout: 90_000 }, async (suite) => {
  const ended = await runToEnd(join(kBin, 'python'), ['-W', 'default', join(kRoot, 'tests/conformance/python/downtimes.py')], {
    seconds: 80,
    env: {
      GE_URL: server.url, GE_API_KEY: server.apiKey, GE_APP_KEY: server.appKey, GE_SINK: sink.url, GE_STATSD_HOST: '127.0.0.1',
      GE_STATSD_PORT: '1', GE_STATSD_SOCKET: '', GE_STATSD_STREAM_SOCKET: '', PYTHONUNBUFFERED: '1',
    },
  });
  const steps = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  for (const step of steps) await suite.test(step.step, () => assert.equal(step.error ?? null, null));
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
  assert.ok(steps.length >= 4, `${steps.length} steps`);
});

test('dogshell', { timeout: 120_000 }, async () => {
  const shell = async (...args) => {
    const ended = await runToEnd(join(kBin, 'dogshell'), [
      '--config', '/dev/null', '--api_host', server.url, '--api-key', server.apiKey, '--application-key', server.appKey, '--raw', ...args,
    ]);
    assert.equal(ended.code, 0, `dogshell ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended.stdout.trim() === '' ? null : JSON.parse(ended.stdout);
  };
  const monitor = await shell('monitor', 'post', 'query alert', 'max(last_1m):max:shell{*} by {host} > 1', '--name', 'shell', '--message', 'm');
  const id = String(monitor.id);
  assert.equal((await shell('monitor', 'show', id)).name, 'shell');
  const end = String(nowSeconds() + 3600);
  assert.deepEqual((await shell('monitor', 'mute', id, '--scope', 'host:a', '--end', end)).options.silenced, { 'host:a': Number(end) });
  assert.deepEqual((await shell('monitor', 'unmute', id, '--scope', 'host:a')).options.silenced, {});
  assert.deepEqual((await shell('monitor', 'mute', id)).options.silenced, { '*': null });
  assert.deepEqual((await shell('monitor', 'unmute', id, '--all_scopes')).options.silenced, {});
  assert.equal((await shell('monitor', 'mute_all')).active, true);
  await shell('monitor', 'unmute_all');
  assert.equal((await shell('monitor', 'update', id, '--name', 'renamed')).name, 'renamed');
  const downtime = await shell('downtime', 'post', 'env:shell', String(nowSeconds()), '--end', end, '--message', 'by shell');
  assert.equal((await shell('downtime', 'show', String(downtime.id))).message, 'by shell');
  assert.ok((await shell('downtime', 'show_all')).some((one) => one.id === downtime.id));
  assert.equal((await shell('downtime', 'update', String(downtime.id), '--message', 'changed')).message, 'changed');
  await shell('downtime', 'delete', String(downtime.id));
  assert.deepEqual((await shell('monitor', 'can_delete', id)).data.ok, [Number(id)]);
  await shell('monitor', 'delete', id);
  assert.ok(!(await shell('monitor', 'show_all')).some((one) => one.id === Number(id)));
});
