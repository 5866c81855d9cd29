// What no tracer sends: a clear refusal or a counted drop, never a crash, never a wrong span. One server takes all of it;
// after each battery it must still be there, healthy, and take a good span.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Server, pollUntil, sleep } from '../harness/server.mjs';
import { Float, encode, raw } from '../harness/msgpack.mjs';
import { llmEvent, llmSpan, newId, nowNs, sendEvents, sendTraces, span, storeRows } from '../harness/spans.mjs';

let server;
let canaries = 0;
// Headers included: what is not read in time is no answer.
const kHostileSeconds = 20;

before(async () => {
  server = await Server.start({ anonymous: true, traceAgent: true });
});

after(async () => {
  await server.stop();
});

const stored = async (service) => (await storeRows(server, `SELECT toString(span_id) AS span_id, name, resource, duration_ns, toUnixTimestamp64Nano(start) AS start FROM godseye.spans WHERE service = '${service}'`));

const arrives = (service, count) => pollUntil(`${count} spans of ${service}`, async () => {
  const rows = await stored(service);
  if (rows.length !== count) throw new Error(`${rows.length} spans`);
  return rows;
});

afterEach(async () => {
  const service = `canary-${++canaries}`;
  const reply = await sendTraces(server, [[span({ service })]]);
  assert.equal(reply.status, 200, `${reply.body}`);
  await arrives(service, 1);
  await server.assertWell();
});

// 4xx, with something to say. Never 5xx.
async function refused(reply, what, statuses = [400, 413, 415]) {
  const { status, body } = await reply;
  assert.ok(statuses.includes(status), `${what}: ${status} ${body}`);
  assert.ok(body.length > 0, `${what}: refused without a word`);
}

test('truncated at every length, the payload is refused or nothing of it is wrong', async () => {
  const whole = encode([[span({ service: 'cut', resource: 'whole' })], [span({ service: 'cut', resource: 'whole' })]]);
  for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 9)) {
    const { status } = await sendTraces(server, whole.subarray(0, length));
    // An empty body is no trace at all: some tracers send it to see whether anyone is there.
    assert.ok(status === 400 || (length === 0 && status === 200), `${length} of ${whole.length} bytes: ${status}`);
  }
  await sleep(300);
  assert.ok((await stored('cut')).every((row) => row.resource === 'whole' && row.name === 'e2e.work'));
});

test('lengths that lie, types that are wrong, nesting bombs', async () => {
  const u32 = (value) => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  const bodies = {
    'an array of 4 billion chunks': raw([0xdd, ...u32(0xffffffff)]).bytes,
    'a chunk of 4 billion spans': raw([0x91, 0xdd, ...u32(0xffffffff)]).bytes,
    'a map of 4 billion keys': raw([0x91, 0x91, 0xdf, ...u32(0xffffffff)]).bytes,
    'a text of 4 GB': raw([0x91, 0x91, 0x81, 0xdb, ...u32(0xffffffff), 0x61]).bytes,
    'a binary of 4 GB': raw([0x91, 0x91, 0x81, 0xa1, 0x61, 0xc6, ...u32(0xffffffff)]).bytes,
    'a million nested arrays': Buffer.alloc(1_000_000, 0x91),
    'a hundred thousand nested maps': Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0x81, 0xa1, 0x61]))),
    'a number': encode(7), 'a text': encode('traces'), 'a map': encode({ a: 1 }), 'nil': encode(null), 'the unused type': Buffer.from([0xc1]),
    'chunks that are numbers': encode([1, 2, 3]), 'spans that are texts': encode([['a', 'b']]),
    'noise': Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919 + 13) & 255)),
    'JSON that is none': Buffer.from('{"a":'),
  };
  for (const [what, body] of Object.entries(bodies)) {
    for (const version of ['v0.3', 'v0.4', 'v0.5', 'v0.7', 'v1.0']) {
      const { status } = await sendTraces(server, body, { version });
      // Where every span of it can be skipped, it may be taken for an empty payload.
      assert.ok(status < 500, `${what} to ${version}: ${status}`);
    }
    await refused(sendTraces(server, body, { version: 'v0.5' }), `${what} to v0.5`);
  }
  const fields = [{ start: 'yesterday' }, { duration: [] }, { trace_id: 'abc' }, { meta: 7 }, { metrics: 'x' }, { service: { a: 1 } }, { meta: { a: { b: 'c' } } }, { error: 'yes' }, { span_links: 'none' }, { span_events: [1, 2] }, { meta_struct: { _llmobs: 'text' } }, { meta_struct: { _llmobs: Buffer.from([0xc1]) } }];
  for (const field of fields) {
    const { status } = await sendTraces(server, [[{ ...span({ service: 'wrong-type' }), ...field }]]);
    assert.ok(status === 200 || status === 400, `${JSON.stringify(Object.keys(field))}: ${status}`);
  }
  // A tag whose value nests without end, inside a good trace: the neighbour is kept or the payload refused.
  const bomb = raw(Buffer.concat([Buffer.alloc(200_000, 0x91), Buffer.from([0xc0])]));
  const { status } = await sendTraces(server, [[{ ...span({ service: 'bomb' }), unknown: bomb }], [span({ service: 'bomb-neighbour' })]]);
  assert.ok(status === 200 || status === 400, `${status}`);
});

test('indexes outside the string table of v0.5', async () => {
  const fields = (more = {}) => Object.assign([1, 2, 3, 5n, 6n, 0n, nowNs(), 10, 0, new Map([[4, 1]]), new Map([[4, new Float(1)]]), 1], more);
  const table = ['', 'indexed', 'work', 'resource', 'env'];
  assert.equal((await sendTraces(server, [table, [[fields({ 3: newId(), 4: newId() })]]], { version: 'v0.5' })).status, 200);
  for (const [what, more] of Object.entries({
    service: { 0: 5 }, name: { 1: 4_294_967_295 }, resource: { 2: -1 }, type: { 11: 99 }, 'meta key': { 9: new Map([[77, 1]]) }, 'meta value': { 9: new Map([[4, 77]]) }, 'metric key': { 10: new Map([[77, 1]]) },
  })) await refused(sendTraces(server, [table, [[fields({ 3: newId(), 4: newId(), ...more })]]], { version: 'v0.5' }), `index of ${what}`, [400]);
  // Can be skipped: the span is dropped and counted, its neighbours would be kept.
  assert.equal((await sendTraces(server, [table, [[fields({ 3: newId(), 4: newId() }).slice(0, 11)]]], { version: 'v0.5' })).status, 200);
  await refused(sendTraces(server, [table], { version: 'v0.5' }), 'no chunks', [400]);
  const rows = await arrives('indexed', 1);
  assert.equal(rows[0].name, 'work');
});

test('ids of zero, times that cannot be, names of all kinds', async () => {
  const year = 31_536_000_000_000_000n;
  const traces = [
    [span({ service: 'odd', resource: 'zero trace', trace_id: 0n, span_id: 5n })], [{ ...span({ service: 'odd', resource: 'zero span' }), span_id: 0n }],
    [span({ service: 'odd', resource: 'a year ago', start: nowNs() - year })], [span({ service: 'odd', resource: 'a year ahead', start: nowNs() + year })],
    [span({ service: 'odd', resource: 'before 1970', start: -5n })], [span({ service: 'odd', resource: 'start of zero', start: 0n })],
    [span({ service: 'odd', resource: 'ends before it begins', duration: -1_000_000 })], [{ ...span({ service: 'odd', resource: 'longer than time' }), duration: 9_223_372_036_854_775_807n }],
    [{ ...span({ service: 'odd', resource: 'not a number' }), metrics: { nan: new Float(NaN), infinite: new Float(Infinity), '_sampling_priority_v1': 1 } }],
    [{ ...span({ service: 'odd', resource: 'no name' }), name: '' }], [span({ service: 'odd', resource: 'x'.repeat(100_000) })],
    [{ ...span({ service: 'odd', resource: 'many tags' }), meta: Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key${index}`, `value${index}`])) }],
    [{ ...span({ service: 'odd', resource: 'bytes' }), meta: new Map([['env', 'test'], ['bad', raw([0xa2, 0xc3, 0x28])], ['zero\0byte', 'a\0b']]) }],
  ];
  for (const trace of traces) {
    const { status, body } = await sendTraces(server, [trace]);
    assert.ok(status === 200 || status === 400, `${trace[0].resource?.slice(0, 30)}: ${status} ${body}`);
  }
  await accepted(sendTraces(server, [[span({ service: 'odd-last' })]]));
  await arrives('odd-last', 1);
  const rows = await stored('odd');
  const byResource = Object.fromEntries(rows.map((row) => [row.resource.slice(0, 30), row]));
  assert.ok(!byResource['zero trace'] && !byResource['zero span'], 'a span without an id is stored');
  const now = BigInt(Date.now()) * 1_000_000n;
  for (const row of rows) {
    assert.ok(BigInt(row.duration_ns) >= 0n, `${row.resource.slice(0, 30)}: ${row.duration_ns} ns`);
    const age = now - BigInt(row.start);
    assert.ok(age > -900_000_000_000n && age < 2n * 86_400_000_000_000n, `${row.resource.slice(0, 30)} began ${age / 1_000_000_000n} s ago`);
  }
  assert.equal(BigInt(byResource['ends before it begins'].duration_ns), 0n);
  assert.ok(byResource['not a number'], 'a span is dropped for a number of its tags');
});

async function accepted(reply) {
  const { status, body } = await reply;
  assert.ok(status >= 200 && status < 300, `${status} ${body}`);
}

test('bodies that are too large, packed or not', async () => {
  const megabytes = (count) => Buffer.alloc(count << 20, 0x91);
  await refused(sendTraces(server, megabytes(100)), '100 MB', [413]).catch((error) => {
    // The server may answer and close before it was all sent.
    if (!/ECONNRESET|EPIPE|socket hang up/.test(`${error.code} ${error.message}`)) throw error;
  });
  const bomb = gzipSync(Buffer.alloc(512 << 20, 0x91), { level: 9 });
  for (const version of ['v0.4', 'v0.5', 'v0.7']) await refused(sendTraces(server, bomb, { version, headers: { 'content-encoding': 'gzip' } }), `gzip bomb to ${version}`);
  await refused(sendEvents(server, bomb, { headers: { 'content-encoding': 'gzip' } }), 'gzip bomb to the proxy');
  await refused(sendTraces(server, Buffer.from('not gzip'), { headers: { 'content-encoding': 'gzip' } }), 'no gzip');
  await refused(sendTraces(server, Buffer.from('x'), { headers: { 'content-encoding': 'br' } }), 'another coding');
});

test('LLM Observability events that are none', async () => {
  const bad = ['', '[', 'null', '7', '"text"', '[1,2,3]', '{"spans":7}', '[{"spans":[7]}]', '[{"event_type":"span","spans":[{}]}]', `${'['.repeat(200_000)}`, `{"spans":${'{"a":'.repeat(100_000)}`, '[{"spans":[{"span_id":"x","trace_id":"y","start_ns":"z","duration":-1}]}]'];
  for (const text of bad) {
    for (const agentless of [false, true]) {
      const { status } = await sendEvents(server, Buffer.from(text), { agentless });
      assert.ok(status < 500, `${text.slice(0, 40)}: ${status}`);
    }
  }
  const event = (change) => {
    const made = llmEvent({ metrics: { input_tokens: 1 } }, span({ service: 'odd-llm' }));
    change(made.spans[0]);
    return made;
  };
  const changes = [(one) => { one.start_ns = -1; }, (one) => { one.start_ns = 1e30; }, (one) => { one.duration = -5; }, (one) => { one.span_id = '0'; }, (one) => { one.span_id = 'abc'; }, (one) => { one.meta = null; }, (one) => { one.metrics = { input_tokens: -5, output_tokens: 1e300, total_tokens: 'x' }; },
    (one) => { one.tags = 7; }, (one) => { one.tags = ['a', 7, null, ':', 'a:']; }, (one) => { one.meta.input = { messages: [7, null, { role: 7, content: {} }] }; }, (one) => { one.meta.span.kind = 'no such kind'; }, (one) => { one.trace_id = ''; }];
  for (const change of changes) {
    const { status } = await sendEvents(server, [event(change)]);
    assert.ok(status < 500, `${change}: ${status}`);
  }
  // Tokens that cannot be are no money.
  const spent = await server.total('sum:llm.cost.usd{service:odd-llm}.as_count()');
  assert.ok(spent >= 0 && spent < 1, `llm.cost.usd is ${spent}`);
  // A bad event does not take its neighbour with it.
  await accepted(sendEvents(server, [event((one) => { one.start_ns = 'never'; }), llmEvent({}, span({ service: 'llm-neighbour' }))]));
  await arrives('llm-neighbour', 1).catch(() => pollUntil('the neighbour', async () => (await storeRows(server, "SELECT count() AS n FROM godseye.llm_spans WHERE service = 'llm-neighbour'"))[0].n > 0));
});

test('evaluations that are none', async () => {
  for (const path of ['/api/intake/llm-obs/v2/eval-metric', '/api/intake/llm-obs/v1/eval-metric']) {
    for (const body of ['', '[]', '{}', '{"data":7}', '{"data":{"attributes":{"metrics":7}}}', '{"data":{"attributes":{"metrics":[{"label":7}]}}}']) {
      const { status } = await server.request('POST', path, { body });
      assert.ok(status < 500, `${path} ${body}: ${status}`);
    }
  }
});

test('hostile text stays text', async () => {
  const hostile = ['<script>alert(1)</script>', '"; DROP TABLE spans; --', '{{7*7}}', '\u202egnirts', 'a\u0000b', '\ud800', '💥'.repeat(1000), "'; SELECT 1 /*"];
  const traces = hostile.map((text) => [llmSpan({ session: text, user: text, input: text, output: text, model: text, app: text }, { service: 'hostile-text', resource: text, meta: { tag: text, [text.slice(0, 100)]: 'key' } })]);
  await accepted(sendTraces(server, traces));
  await arrives('hostile-text', hostile.length);
  for (const text of ["'", '"', '\\', '*', '?', 'service:', '(((', 'a:[1 TO', '@x:>', '\u0000', 'service:"a', '-', 'NOT', 'AND OR', '%00', '${7}']) {
    const { status } = await server.request('POST', '/api/v2/spans/events/search', { body: { data: { type: 'search_request', attributes: { filter: { query: text, from: 'now-1h', to: 'now' } } } } });
    assert.ok(status === 200 || status === 400, `${text}: ${status}`);
  }
});

function rawRequest(text, { end = false, seconds = 3 } = {}) {
  const { hostname, port } = new URL(server.agentUrl);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => (end ? socket.end(text) : socket.write(text)));
    socket.on('data', (chunk) => { answer += chunk; });
    const finish = () => { socket.destroy(); resolve(answer); };
    socket.on('end', finish);
    socket.on('error', finish);
    setTimeout(finish, seconds * 1000).unref();
  });
}

test('connections that are cut off, and paths that are not there', async () => {
  const crlf = '\r\n';
  const answers = await Promise.all([
    rawRequest(`PUT /v0.4/traces HTTP/1.1${crlf}Host: x${crlf}Content-Length: 1000${crlf}${crlf}\x91`, { end: true }),
    rawRequest(`PUT /v0.4/traces HTTP/1.1${crlf}Host: x${crlf}Content-Length: 99999999999${crlf}${crlf}`),
    rawRequest(`PUT /v0.4/traces HTTP/1.1${crlf}Host: x${crlf}Transfer-Encoding: chunked${crlf}${crlf}zz${crlf}`),
  ]);
  for (const answer of answers) assert.doesNotMatch(answer, /^HTTP\/1\.1 (2|5)/);
  const { hostname, port } = new URL(server.agentUrl);
  const idle = Array.from({ length: 100 }, () => connect({ host: hostname, port: Number(port) }, function () { this.write('PUT /v0.4/traces HTTP/1.1\r\nHost: x\r\n'); }).on('error', () => {}));
  await sleep(300);
  const reply = await fetch(`${server.agentUrl}/info`, { signal: AbortSignal.timeout(kHostileSeconds * 1000) });
  assert.equal(reply.status, 200);
  for (const socket of idle) socket.destroy();
  for (const path of ['/v9.9/traces', '/evp_proxy/v2/', '/evp_proxy/v2/api/v2/nothing', '/../../etc/passwd', '/v0.4/traces/%00']) {
    const { status } = await fetch(`${server.agentUrl}${path}`, { method: 'POST', body: 'x', signal: AbortSignal.timeout(kHostileSeconds * 1000) });
    assert.ok(status < 500 || status === 502, `${path}: ${status}`);
  }
});
