// Points of the past: loaded by the command, each once, and seen by monitors that need days.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Server, kBinary, nowSeconds, pollUntil, runToEnd, temporaryFolder } from '../harness/server.mjs';

const kDay = 86_400;
const folder = temporaryFolder();
let server;

before(async () => {
  server = await Server.start({ dataDir: join(folder, 'data') });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ DD_API_KEY: server.apiKey, DD_APP_KEY: server.appKey });
const load = (files, args = []) =>
  runToEnd(kBinary, ['import-history', ...files, '--server', server.url, ...args], { env: env(), seconds: 120 });
function file(name, lines) {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n') + '\n');
  return path;
}
const monitor = (type, query, options = {}) =>
  server.call('POST', '/api/v1/monitor', { body: { name: query, type, query, message: '', options } });
const stateOf = (id) => server.call('GET', `/api/v1/monitor/${id}`, { query: { group_states: 'all' } });
const becomes = (id, state) => pollUntil(`monitor ${id} is ${state}`, async () => {
  const { overall_state: now, evaluation_error: wrong } = await stateOf(id);
  assert.equal(wrong, undefined);
  return now === state;
});

test('a monitor that needs a week of history has one after the import', { timeout: 120_000 }, async () => {
  const now = nowSeconds();
  const { id } = await monitor('query alert',
    "avg(last_5m):avg:past.cost{*} by {service} / moving_rollup(avg:past.cost{*} by {service}, 604800, 'avg') > 2");
  const live = () => server.call('POST', '/api/v2/series',
    { body: { series: [{ metric: 'past.cost', type: 3, points: [{ timestamp: nowSeconds(), value: 10 }], tags: ['service:shop'] }] } });
  await live();
  await pollUntil('the live point is stored', async () => (await server.query('avg:past.cost{*}')).length > 0);
  assert.notEqual((await stateOf(id)).overall_state, 'Alert');
  const lines = [];
  for (let at = now - 7 * kDay; at < now - 3600; at += 600) {
    lines.push({ metric: 'past.cost', timestamp: at, value: 1, tags: ['service:shop'] });
  }
  const path = file('cost.ndjson', lines);
  const told = await load([path]);
  assert.equal(told.code, 0, told.stderr);
  assert.equal(told.stdout, `${path}: ${lines.length} points stored, 0 were there already, 0 of ${lines.length} lines are bad\n`);
  await live();
  await becomes(id, 'Alert');
  // The same file again, and one that grew, with CSV beside it.
  const csv = file('cost.csv', ['metric,timestamp,value,tags', `past.cost,${now - 3000},1,service:shop`, `past.cost,${now - 2400},1,service:shop`]);
  lines.push({ metric: 'past.cost', timestamp: now - 3300, value: 1, tags: ['service:shop'] });
  const again = await load([file('cost.ndjson', lines), csv], ['--json']);
  assert.equal(again.code, 0, again.stderr);
  const { files } = JSON.parse(again.stdout);
  assert.deepEqual(files.map(({ stored, already_there: there }) => [stored, there]), [[1, lines.length - 1], [2, 0]]);
  assert.equal((await load([csv], ['--json']).then(({ stdout }) => JSON.parse(stdout))).files[0].stored, 0);
});

test('monitors on the newest points count what was imported', { timeout: 90_000 }, async () => {
  const now = nowSeconds();
  const { id } = await monitor('query alert', 'sum(last_1h):sum:past.orders{*}.as_count() > 100');
  await server.call('POST', '/api/v2/series',
    { body: { series: [{ metric: 'past.orders', type: 1, interval: 1, points: [{ timestamp: now, value: 1 }] }] } });
  await becomes(id, 'OK');
  const lines = Array.from({ length: 30 }, (_, i) => ({ metric: 'past.orders', timestamp: now - 60 * (i + 1), value: 10, type: 'count', interval: 60 }));
  assert.equal((await load([file('orders.ndjson', lines)])).code, 0);
  await becomes(id, 'Alert');
  assert.equal(await server.total('sum:past.orders{*}.as_count()', 3600), 301);
});

test('bad lines are named by number and spoil no other', { timeout: 60_000 }, async () => {
  const now = nowSeconds();
  const good = { metric: 'past.lines', timestamp: now - 2 * kDay, value: 4, type: 'count' };
  const path = file('bad.ndjson', [good, '{"metric":', '', { ...good, timestamp: now - 400 * kDay }, { ...good, value: 'four' },
    { ...good, timestamp: now - kDay }]);
  const told = await load([path]);
  assert.equal(told.code, 1);
  assert.match(told.stderr, /bad\.ndjson:2: not JSON/);
  assert.match(told.stderr, /bad\.ndjson:4: timestamp: .* is before .*, the oldest that is kept/);
  assert.match(told.stderr, /bad\.ndjson:5: value: expected a number/);
  assert.match(told.stdout, /2 points stored, 0 were there already, 3 of 5 lines are bad/);
  assert.equal(await server.total('sum:past.lines{*}.as_count()', 3 * kDay), 8);
  const csv = await load([file('head.csv', ['metric,when,value', 'a,1,2'])]);
  assert.equal(csv.code, 1);
  assert.match(csv.stderr, /the head of the CSV has the column 'when'/);
  assert.equal((await load([join(folder, 'none.csv')])).code, 2);
  assert.equal((await load([path], ['--format', 'xml'])).code, 2);
  for (const query of [{ format: 'xml' }, { first_line: '0' }, { first_line: 'x' }]) {
    assert.equal((await server.request('POST', '/api/godseye/v1/history', { query, body: '{}' })).status, 400);
  }
  const keyless = await server.request('POST', '/api/godseye/v1/history', { body: '{}', headers: { 'dd-application-key': '' } });
  assert.equal(keyless.status, 403);
});

test('a server that is killed meanwhile has each point once', { timeout: 180_000 }, async () => {
  const now = nowSeconds();
  const count = 60_000;
  const lines = Array.from({ length: count }, (_, i) => ({ metric: 'past.killed', timestamp: now - 5 * kDay + i * 6, value: 1, type: 'count', tags: ['host:a'] }));
  const path = file('killed.ndjson', lines);
  const stored = async () => await server.total('sum:past.killed{*}.as_count()', 6 * kDay);
  const child = spawn(kBinary, ['import-history', path, '--server', server.url, '--json'], { env: { ...process.env, ...env() } });
  let said = '';
  child.stdout.on('data', (chunk) => { said += chunk; });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  await pollUntil('a part is stored', async () => (await stored()) > 0, { everyMilliseconds: 20 });
  const { keys } = server;
  const http = server.listeners.http;
  await server.stop({ signal: 'SIGKILL', keepData: true });
  server = await Server.start({ dataDir: join(folder, 'data'), keys, http });
  assert.equal(await ended, 0);
  assert.equal(JSON.parse(said).files[0].lines, count);
  assert.equal(await stored(), count);
  assert.equal((await load([path], ['--json']).then(({ stdout }) => JSON.parse(stdout))).files[0].stored, 0);
  assert.equal(await stored(), count);
});
