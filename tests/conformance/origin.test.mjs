// Where samples come from, as unmodified clients say it (`datadog` over both Unix sockets, hot-shots over UDP and, where its
// native module is, a Unix socket), what they tell of themselves, and DogStatsD over HTTP. Then dogshell: monitors from files, events.
import './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import StatsD from 'hot-shots';
import { Server, kRoot, nowSeconds, pollUntil, runToEnd, temporaryFolder } from '../harness/server.mjs';

const kBin = join(kRoot, '.cache/venv/bin');
const kPodUid = '75a2b6d5-3949-4afb-ad0d-92ff0674e759';

let server;
let folder;
const errors = [];

before(async () => {
  folder = temporaryFolder();
  server = await Server.start({
    args: ['--dogstatsd-socket', join(folder, 'dsd.socket'), '--dogstatsd-stream-socket', join(folder, 'stream.socket'), '--dogstatsd-origin',
      '--dogstatsd-tag-cardinality', 'high'],
    traceAgent: true,
  });
});

after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const arrives = (query, expected) =>
  pollUntil(`${query} = ${expected}`, async () => {
    const total = await server.total(query);
    if (Math.abs(total - expected) > 1e-9) throw new Error(`it is ${total}`);
    return true;
  });
const atLeast = (query, least) => pollUntil(`${query} >= ${least}`, async () => (await server.total(query)) >= least);

test('datadog (PyPI) over both Unix sockets: container, pod and its own cardinality; telemetry', async () => {
  const ended = await runToEnd(join(kBin, 'python'), [join(kRoot, 'tests/conformance/python/origin.py'), join(folder, 'dsd.socket'), join(folder, 'stream.socket')], {
    env: { DD_EXTERNAL_ENV: `it-false,cn-web,pu-${kPodUid}`, DD_ENTITY_ID: kPodUid },
  });
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stderr, '');
  await arrives(`sum:origin.datagram{container_id:c0ffee,kube_container_name:web,pod_uid:${kPodUid}}.as_count()`, 3);
  await arrives('sum:origin.stream{kube_container_name:web}.as_count()', 4);
  assert.equal(await server.total('sum:origin.stream{container_id:*}.as_count()'), 0, 'card:low asks for no container');
  assert.equal(await server.total('sum:origin.datagram{dd.internal.entity_id:*}.as_count()'), 0);
  await atLeast('sum:datadog.dogstatsd.client.metrics{client:py,client_transport:uds}.as_count()', 1);
  const events = await pollUntil('the event', async () => {
    const now = Math.floor(Date.now() / 1000);
    const found = (await server.call('GET', `/api/v1/events?start=${now - 600}&end=${now + 10}`)).events.filter((one) => one.title === 'origin event');
    return found.length > 0 && found;
  });
  assert.ok(events[0].tags.includes('container_id:c0ffee'), events[0].tags.join());
});

const shots = (options) => new StatsD({ prefix: 'shots.', datadog: true, containerID: 'ci-abad1dea', includeDatadogTelemetry: true, telemetryFlushInterval: 200,
  errorHandler: (error) => errors.push(error.message), ...options });

test('hot-shots over UDP: its container, its own cardinality, and its telemetry', async () => {
  const address = { host: server.dogstatsd.host, port: server.dogstatsd.port };
  const [one, other] = [shots(address), shots({ ...address, cardinality: 'none' })];
  one.increment('high', 5);
  other.increment('none', 6);
  await arrives('sum:shots.high{container_id:abad1dea}.as_count()', 5);
  await arrives('sum:shots.none{*}.as_count()', 6);
  assert.equal(await server.total('sum:shots.none{container_id:*}.as_count()'), 0);
  await atLeast('sum:datadog.dogstatsd.client.metrics{client:nodejs,client_transport:udp}.as_count()', 2);
  await atLeast('sum:datadog.dogstatsd.client.packets_sent{client:nodejs,client_transport:udp}.as_count()', 1);
  for (const client of [one, other]) await new Promise((resolve) => client.close(resolve));
  assert.deepEqual(errors, []);
});

// Its native module is optional and not everywhere built.
const kNoDatagrams = await import('unix-dgram').then(() => false, () => 'the npm module unix-dgram is not built here');

test('hot-shots over a Unix socket', { skip: kNoDatagrams }, async () => {
  const client = shots({ protocol: 'uds', path: join(folder, 'dsd.socket') });
  client.increment('uds', 5);
  await arrives('sum:shots.uds{container_id:abad1dea}.as_count()', 5);
  await atLeast('sum:datadog.dogstatsd.client.metrics{client:nodejs,client_transport:uds}.as_count()', 1);
  await new Promise((resolve) => client.close(resolve));
  assert.deepEqual(errors, []);
});

test('DogStatsD lines over HTTP, as tracers send their runtime metrics', async () => {
  const url = `${server.agentUrl}/dogstatsd/v2/proxy`;
  const answer = await fetch(url, { method: 'POST', body: 'runtime.heap:7|g|#env:proxy\nruntime.ticks:2|c|#env:proxy\nnot a line\n' });
  assert.equal(answer.status, 200);
  await arrives('sum:runtime.ticks{env:proxy}.as_count()', 2);
  assert.equal(await server.total('max:runtime.heap{env:proxy}.rollup(max, 3600)'), 7);
});

test('dogshell: monitors from files are checked, made, changed and found; events are posted and read', { timeout: 120_000 }, async () => {
  const shell = async (...args) => {
    const ended = await runToEnd(join(kBin, 'dogshell'), [
      '--config', '/dev/null', '--api_host', server.url, '--api-key', server.apiKey, '--application-key', server.appKey, '--raw', ...args,
    ]);
    assert.equal(ended.code, 0, `dogshell ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    return ended.stdout.trim() === '' ? null : JSON.parse(ended.stdout);
  };
  const file = join(folder, 'monitor.json');
  const wanted = { type: 'query alert', query: 'max(last_1m):max:shell{*} by {host} > 1', name: 'from a file', message: '@webhook-ops', tags: ['team:shell'], options: { thresholds: { critical: 1 } } };
  writeFileSync(file, JSON.stringify(wanted));
  await shell('monitor', 'validate', wanted.type, wanted.query, '--name', 'n', '--message', 'm');
  const made = await shell('monitor', 'fpost', file);
  assert.equal(made.name, 'from a file');
  writeFileSync(file, JSON.stringify({ ...wanted, id: made.id, name: 'changed by a file' }));
  assert.equal((await shell('monitor', 'fupdate', file)).name, 'changed by a file');
  const found = await server.call('GET', '/api/v1/monitor/search?query=changed');
  assert.deepEqual(found.monitors.map((one) => one.id), [made.id]);
  const history = await server.call('GET', `/api/godseye/v1/audit?target=monitor:${made.id}`);
  assert.deepEqual(history.entries.map((one) => one.action), ['monitor.update', 'monitor.create']);
  await shell('event', 'post', 'shell event', 'posted by dogshell', '--tags', 'team:shell');
  await pollUntil('the event', async () => {
    const answer = await shell('event', 'stream', String(nowSeconds() - 600), String(nowSeconds() + 10), '--tags', 'team:shell');
    return (answer.events ?? answer).some((one) => one.title === 'shell event');
  });
  await shell('monitor', 'delete', String(made.id));
});
