// How many spans a second the whole server takes, from a v0.4 payload over HTTP to queryable.
//
// Starts a server of its own on free ports with an empty data directory, sends payloads of 1,000 spans (100 traces of ten,
// ten string tags and three numbers each, every payload with ids of its own) over kept connections, each as soon as the
// one before it was answered, then waits until the proof of ingestion says that every accepted span is queryable.
//
// usage: node bench/traces/trace_load.mjs [options]
//   --seconds S      how long payloads are sent, at most 60 (default 10)
//   --connections N  kept open at a time (default 4)
// Rates are printed in spans a second. Needs build/release/bin/godseye, or $GODSEYE_BINARY.
// example: node bench/traces/trace_load.mjs --seconds 5 --connections 2
import '../../tests/harness/help.mjs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { Server, pollUntil, sleep } from '../../tests/harness/server.mjs';
import { encode } from '../../tests/harness/msgpack.mjs';

const kTraces = 100;
const kSpansPerTrace = 10;
const kServices = ['frontend', 'cart', 'checkout', 'payment', 'catalogue'];
const kMarker = 0x1122334455667700n;

const { values: given } = parseArgs({ options: { seconds: { type: 'string', default: '10' }, connections: { type: 'string', default: '4' } } });
const seconds = Math.min(60, Number(given.seconds));
const connections = Number(given.connections);

// One payload with marked ids; their places, so that each sending writes ids of its own.
function template() {
  const traces = [];
  for (let trace = 0; trace < kTraces; ++trace) {
    const spans = [];
    for (let index = 0; index < kSpansPerTrace; ++index) {
      const service = kServices[(trace + index) % kServices.length];
      spans.push({
        service, name: 'http.request', resource: `GET /${service}/${index}`, type: 'web',
        trace_id: kMarker + BigInt(trace), span_id: kMarker + 0x8000n + BigInt(trace * kSpansPerTrace + index),
        parent_id: index === 0 ? 0n : kMarker + 0x8000n + BigInt(trace * kSpansPerTrace),
        start: BigInt(Date.now()) * 1_000_000n, duration: 1_000_000 + index, error: index === 9 ? 1 : 0,
        meta: {
          env: 'bench', version: '1.4.2', 'http.method': 'GET', 'http.url': `http://${service}.internal/${trace}`, 'http.status_code': '200',
          'span.kind': 'server', language: 'javascript', 'runtime-id': 'bench-runtime', component: 'http', 'session_id': `s-${trace % 50}`,
        },
        metrics: { '_sampling_priority_v1': 1, '_dd.top_level': index === 0 ? 1 : 0, 'process_id': 4242 },
      });
    }
    traces.push(spans);
  }
  const bytes = Buffer.from(encode(traces));
  const places = [];
  for (let at = 0; at + 9 <= bytes.length; ++at) {
    if (bytes[at] === 0xcf && bytes.readBigUInt64BE(at + 1) >> 16n === kMarker >> 16n) places.push([at + 1, bytes.readBigUInt64BE(at + 1) - kMarker]);
  }
  return { bytes, places };
}

const server = await Server.start({ args: ['--trace-agent', '127.0.0.1:0'] });
const [host, port] = server.listeners['trace-agent'].split(':');
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const { bytes, places } = template();
let round = 0n;

function send(payload) {
  return new Promise((resolve, reject) => {
    const call = request({ host, port, agent, method: 'PUT', path: '/v0.4/traces', headers: { 'content-type': 'application/msgpack', 'content-length': payload.length, 'x-datadog-trace-count': kTraces } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject);
    call.end(payload);
  });
}

let accepted = 0;
let refused = 0;
const begin = Date.now();
const end = begin + seconds * 1000;
await Promise.all(Array.from({ length: connections }, async () => {
  const payload = Buffer.from(bytes);
  while (Date.now() < end) {
    const base = 0x1000000000000000n + (round++ << 20n);
    for (const [at, offset] of places) payload.writeBigUInt64BE(base + offset, at);
    if ((await send(payload)) === 200) accepted += kTraces * kSpansPerTrace;
    else { ++refused; await sleep(50); }
  }
}));
const sent = Date.now();
await pollUntil('every accepted span is queryable', async () => {
  const report = await server.call('GET', '/api/godseye/v1/ingestion');
  const rows = report.spans.rows;
  const queryable = rows.reduce((sum, row) => sum + row.queryable, 0);
  if (queryable < accepted) throw new Error(`${queryable} of ${accepted}`);
  return true;
}, { seconds: 120 });
const done = Date.now();
const rate = (ms) => Math.round(accepted / (ms / 1000)).toLocaleString('en');
console.log(`${accepted.toLocaleString('en')} spans accepted in ${(sent - begin) / 1000} s: ${rate(sent - begin)} spans/s; queryable after ${(done - begin) / 1000} s: ${rate(done - begin)} spans/s; ${refused} payloads refused; ${Math.round(bytes.length / 1000)} bytes a span on the wire`);
agent.destroy();
await server.stop();
