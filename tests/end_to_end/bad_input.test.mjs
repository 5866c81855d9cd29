// Wrong input is the normal case: a clear error or a counted drop, never a crash, never a wrong value. One server takes
// all of it; after each battery it must still be there, healthy, and count a metric exactly.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Server, nowSeconds, pollUntil, sleep } from '../harness/server.mjs';

let server;
let canaries = 0;

before(async () => {
  server = await Server.start({ anonymous: true, args: ['--contexts-max', '20000'] });
});

after(async () => {
  await server.stop();
});

afterEach(async () => {
  const name = `canary.${++canaries}`;
  for (let index = 0; index < 5; ++index) await server.send(`${name}:2|c|#kind:canary`);
  await pollUntil(`${name} counts 10`, async () => {
    const total = await server.total(`sum:${name}{kind:canary}.as_count()`);
    if (total !== 10) throw new Error(`it is ${total}`);
    return true;
  });
  await server.assertWell();
});

test('datagrams that are no metrics harm neither themselves nor their neighbours', async () => {
  const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
  const packets = [
    '', '\n', ':', '|', ':|', 'a', 'a:', 'a:1', 'a:1|', 'a:|c', ':1|c', 'a:1|x', 'a:1|c|', 'a:1|c|@', 'a:1|c|@0', 'a:1|c|@-1', 'a:1|c|@nan', 'a:1|c|#',
    'a:1|c|#,,,', 'a:1e999|g', 'a:-1e999|g', 'a:nan|g', 'a:NaN|d', 'a:inf|g', 'a:-Infinity|h', 'a:0x10|c', 'a:1,5|c', 'a:1|c|T', 'a:1|c|Tx',
    'a:1|c|T-5', 'a:1|c|T99999999999999999999', '_e', '_e{', '_e{5,4}:', '_e{999999,1}:a|b', '_e{-1,2}:ab|c', '_sc', '_sc|', '_sc|a|9', '_sc|a|x',
    bytes([0xff, 0xfe, 0x00], ':1|c'), bytes('a:1|c|#b:', [0xc3, 0x28]), bytes('a:1|c|#', [0xed, 0xa0, 0x80]), 'a\0b:1|c', `${'n'.repeat(5000)}:1|c`,
    `a:1|c|#${'t'.repeat(5000)}`, `a:1|c|#${Array.from({ length: 1500 }, (_, index) => `t${index}:v`).join(',')}`, 'x'.repeat(60_000),
    `a:${'1'.repeat(4000)}|g`, `a:${Array.from({ length: 5000 }, () => '1').join(':')}|d`, '\n'.repeat(60_000), '|#:'.repeat(20_000),
  ];
  for (const packet of packets) await server.send(packet);
  // A bad line between two good ones.
  await server.send('neighbour:1|c\nneighbour:oops|c\n\xff\nneighbour:2|c');
  await pollUntil('the good lines count 3', async () => (await server.total('sum:neighbour{*}.as_count()')) === 3);
});

test('NaN and infinities are no values anywhere', async () => {
  for (const value of ['nan', 'NaN', 'inf', '-inf', '1e999']) await server.send(`finite:${value}|g\nfinite.dist:${value}|d`);
  await server.send('finite:3|g\nfinite.dist:4|d');
  await pollUntil('the finite one', async () => (await server.total('max:finite{*}.rollup(max, 600)')) === 3);
  assert.equal(await server.total('max:finite.dist{*}.rollup(max, 600)'), 4);
  assert.equal(await server.total('count:finite.dist{*}.as_count()'), 1);
});

test('duplicate tags are one tag', async () => {
  await server.send('twice:1|c|#b:2,a:1,a:1,b:2,a:1\ntwice:1|c|#a:1,b:2');
  const series = await pollUntil('both points in one series', async () => {
    const found = await server.query('sum:twice{*} by {a,b}.as_count()');
    return found.length > 0 && found;
  });
  assert.equal(series.length, 1);
  assert.equal(await server.total('sum:twice{a:1,b:2}.as_count()'), 2);
});

test('a hundred thousand distinct tags are bounded, counted, and leave the others alone', async () => {
  for (let first = 0; first < 100_000; first += 25) {
    await server.send(Array.from({ length: 25 }, (_, index) => `flood:1|g|#unique:${first + index}`).join('\n'));
    if (first % 2500 === 0) await sleep(2); // The kernel's buffer is not what is tested here.
  }
  const stored = await pollUntil('the flood is there, up to the limit', async () => (await server.total('sum:flood{*}.rollup(max, 600)')) || null);
  assert.ok(stored <= 20_000, `${stored} contexts were taken`);
  const report = await server.call('GET', '/api/godseye/v1/ingestion');
  assert.match(JSON.stringify(report), /"flood"/, 'the ingestion report names the metric whose contexts were refused');
  // A gauge's context is kept for two cuts after its last sample (a counter's for five minutes); then there is room again.
  await pollUntil('room for others', async () => {
    await server.send('room:1|g');
    return (await server.total('max:room{*}.rollup(max, 600)')) === 1;
  });
});

const kJsonBodies = [
  '', '{', '[]', 'null', '{"series"', '{"series":{}}', '{"series":[null]}', '{"series":[{}]}', '{"series":[{"metric":1}]}', '{"series":[{"metric":"a","points":"x"}]}',
  '{"series":[{"metric":"a","type":99,"points":[]}]}', '{"series":[{"metric":"a","type":1,"points":[{"timestamp":"x","value":1}]}]}',
  '{"series":[{"metric":"a","type":1,"points":[{"timestamp":1e300,"value":1}]}]}', '{"series":[{"metric":"a","type":1,"points":[{"value":1}]}]}',
  `{"series":${'['.repeat(100_000)}`, `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, '{"series":[]} trailing', '\u0000', '"\\ud800"', '{"series":[{"metric":"\\ud800","points":[]}]}',
];

test('malformed and deep JSON gets a 4xx with a reason, on every route that takes JSON', async () => {
  for (const [method, path] of [['POST', '/api/v2/series'], ['POST', '/api/v1/series'], ['POST', '/api/v1/distribution_points'], ['POST', '/api/v1/monitor'],
    ['POST', '/api/v2/query/timeseries'], ['POST', '/api/v1/integration/webhooks/configuration/webhooks']]) {
    for (const body of [...kJsonBodies, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]) {
      const reply = await server.request(method, path, { body });
      const label = `${method} ${path} ${String(body).slice(0, 60)}: ${reply.status} ${reply.text.slice(0, 200)}`;
      assert.ok(reply.status >= 200 && reply.status < 500, label);
      if (reply.status >= 400) assert.ok(reply.json?.errors?.length > 0, `no reason: ${label}`);
    }
  }
});

test('bodies are bounded, also after they were unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
  for (const [encoding, body] of [['gzip', bomb], ['gzip', Buffer.from('not gzip')], ['deflate', Buffer.from('nor this')], ['zstd', Buffer.from('nor that')], ['br', '{}']]) {
    const reply = await server.request('POST', '/api/v2/series', { body, headers: { 'content-encoding': encoding } });
    assert.ok(reply.status >= 400 && reply.status < 500, `${encoding}: ${reply.status}`);
  }
});

test('a monitor that cannot be evaluated is refused with a reason', async () => {
  const monitor = { name: 'x', type: 'query alert', query: 'max(last_1m):max:a{*} > 1', message: '' };
  for (const change of [
    { type: 'no such alert' }, { type: 5 }, { type: undefined }, { query: undefined }, { query: '' }, { query: 'max(last_1m):max:a{*}' }, { query: 'max(last_1y2):max:a{*} > 1' },
    { query: 'max(last_1m):max:a{*} > lots' }, { query: 'frob(last_1m):max:a{*} > 1' }, { query: 'x'.repeat(100_000) }, { options: { thresholds: { critical: 2 } } },
    { options: { thresholds: 'none' } }, { query: `max(last_1m):${'('.repeat(20_000)}max:a{*} > 1` },
  ]) {
    const reply = await server.request('POST', '/api/v1/monitor', { body: { ...monitor, ...change } });
    const label = `${JSON.stringify(change).slice(0, 80)}: ${reply.status} ${reply.text.slice(0, 200)}`;
    assert.ok([400, 413].includes(reply.status), label);
    assert.ok(reply.json.errors[0].length > 5, label);
  }
  assert.deepEqual(await server.call('GET', '/api/v1/monitor'), []);
});

test('a wrong query names the column and what was expected', async () => {
  const from = nowSeconds() - 60;
  for (const query of ['', 'sum', 'sum:', 'sum:a', 'sum:a{', 'sum:a{*', 'sum:a{*}}', 'bogus:a{*}', 'sum:a{*} by', 'sum:a{*} by {', 'sum:a{*}.rollup(', 'sum:a{*}.frob()', 'sum:a{*} +',
    '(((((', 'sum:a{b:c AND}', 'sum:a{NOT}', `${'('.repeat(50_000)}`, 'sum:a{\u0000}', "sum:a{b:'; DROP TABLE points; --}+"]) {
    const reply = await server.request('GET', '/api/v1/query', { query: { query, from, to: from + 60 } });
    assert.ok([400, 413, 431].includes(reply.status), `'${query.slice(0, 40)}': ${reply.status} ${reply.text.slice(0, 200)}`);
    assert.ok((reply.json.errors?.[0] ?? reply.json.error).length > 5, reply.text);
  }
  for (const range of [{ from: 'x', to: 'y' }, { from: 10, to: 5 }, { from: -1, to: 1e30 }, {}]) {
    const reply = await server.request('GET', '/api/v1/query', { query: { query: 'sum:a{*}', ...range } });
    assert.equal(reply.status, 400, JSON.stringify(range));
  }
});

test('what looks like SQL is only text', async () => {
  await server.send("inject:1|c|#name:' OR 1=1 --");
  for (const value of ["' OR 1=1 --", "\\' OR 1", '{p:String}', '%', '`', '"']) {
    const reply = await server.request('GET', '/api/v1/query', { query: { query: `sum:inject{name:${value}}`, from: nowSeconds() - 60, to: nowSeconds() } });
    assert.ok([200, 400].includes(reply.status), `${value}: ${reply.status} ${reply.text.slice(0, 200)}`);
    assert.doesNotMatch(reply.text, /DB::Exception|SYNTAX_ERROR|SELECT /, value);
  }
});

function raw(text, { end = false, seconds = 5 } = {}) {
  const [host, port] = server.listeners.http.split(':');
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host, port: Number(port), allowHalfOpen: true }, () => (end ? socket.end(text) : socket.write(text)));
    socket.on('data', (chunk) => { answer += chunk; });
    const finish = () => { socket.destroy(); resolve(answer); };
    socket.on('end', finish);
    socket.on('error', finish);
    setTimeout(finish, seconds * 1000).unref();
  });
}

test('half-closed, cut-off and hostile connections do not hold the server', async () => {
  const crlf = '\r\n';
  // Half-closed after a whole request: it is answered all the same.
  assert.match(await raw(`GET /health HTTP/1.1${crlf}Host: x${crlf}Connection: close${crlf}${crlf}`, { end: true }), /^HTTP\/1\.1 200/);
  const cut = await Promise.all([
    raw(`POST /api/v2/series HTTP/1.1${crlf}Host: x${crlf}Content-Length: 1000${crlf}${crlf}{"series":`, { end: true, seconds: 2 }),
    raw('GET / HT', { end: true, seconds: 2 }), raw('\x16\x03\x01\x02\x00\x01\x00\x01', { seconds: 2 }), raw(`${'A'.repeat(200_000)}`, { seconds: 2 }),
    raw(`GET / HTTP/1.1${crlf}${'x: y\r\n'.repeat(20_000)}${crlf}`, { seconds: 2 }),
    raw(`POST /api/v2/series HTTP/1.1${crlf}Host: x${crlf}Transfer-Encoding: chunked${crlf}${crlf}ffffffffffffffff${crlf}`, { seconds: 2 }),
    raw(`POST /api/v2/series HTTP/1.1${crlf}Host: x${crlf}Content-Length: 99999999999999999999${crlf}${crlf}`, { seconds: 2 }),
    raw(`POST /api/v2/series HTTP/1.1${crlf}Host: x${crlf}Content-Length: 5${crlf}Transfer-Encoding: chunked${crlf}${crlf}0${crlf}${crlf}`, { seconds: 2 }),
    raw(`GET /../../../../etc/passwd HTTP/1.1${crlf}Host: x${crlf}Connection: close${crlf}${crlf}`, { seconds: 2 }),
    raw(`GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1${crlf}Host: x${crlf}Connection: close${crlf}${crlf}`, { seconds: 2 }),
  ]);
  for (const answer of cut) assert.doesNotMatch(answer, /root:|^HTTP\/1\.1 5/);
  // Two hundred connections that never finish their request.
  const [host, port] = server.listeners.http.split(':');
  const idle = Array.from({ length: 200 }, () => {
    const socket = connect({ host, port: Number(port) }, () => socket.write('GET /health HTTP/1.1\r\nHost: x\r\n'));
    socket.on('error', () => {});
    return socket;
  });
  await sleep(500);
  assert.equal((await server.request('GET', '/health')).status, 200);
  for (const socket of idle) socket.destroy();
});

test('unknown paths and methods have an error of their own', async () => {
  assert.equal((await server.request('GET', '/api/v1/no_such_thing')).status, 404);
  for (const path of ['/api/v1/monitor/notanumber', '/api/v1/monitor/99999999999999999999', '/api/v2/incidents/%00']) {
    assert.ok([400, 404].includes((await server.request('GET', path)).status), path);
  }
  assert.ok([404, 405].includes((await server.request('DELETE', '/api/v2/series')).status));
});

test('timestamps of other ages are clamped or dropped, and counted once', async () => {
  const now = nowSeconds();
  for (const timestamp of [0, -1, 1, now + 86_400 * 365, 4_294_967_296, 9e15]) {
    const reply = await server.request('POST', '/api/v2/series', { body: { series: [{ metric: 'ages', type: 1, interval: 10, points: [{ timestamp, value: 1 }] }] } });
    assert.ok([202, 400].includes(reply.status), `${timestamp}: ${reply.status}`);
  }
  await server.call('POST', '/api/v2/series', { body: { series: [{ metric: 'ages.now', type: 1, interval: 10, points: [{ timestamp: now, value: 1 }] }] } });
  await pollUntil('the one of now', async () => (await server.total('sum:ages.now{*}.as_count()')) === 1);
});
