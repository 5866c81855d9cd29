// What a metric and a span cost the caller with Datadog's own Node libraries, as a comparison for lib/sdk/bench/sdk_bench.cpp:
// CPU time of the calling thread's loop, with the sending that the library does on it. Prints nanoseconds per call.
//
// usage: node tests/long/client_cost.mjs
// Times are printed in ns a call. Takes no options; needs tests/node_modules (./setup).
// example: node tests/long/client_cost.mjs
import '../harness/help.mjs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const kCalls = 200_000;
const require = createRequire(import.meta.url);

const sink = createSocket('udp4');
await new Promise((resolve) => sink.bind(0, '127.0.0.1', resolve));
const agent = createServer((request, response) => request.on('data', () => {}).on('end', () => response.end('{}')));
await new Promise((resolve) => agent.listen(0, '127.0.0.1', resolve));

async function measure(name, call) {
  const rounds = [];
  for (let round = 0; round < 4; ++round) {
    const before = process.cpuUsage();
    for (let i = 0; i < kCalls; ++i) {
      call();
      // As a server would between requests: the library gets to send.
      if (i % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
    }
    const used = process.cpuUsage(before);
    rounds.push((used.user + used.system) * 1000 / kCalls);
  }
  // The first round warms the compiler up.
  const [, ...warm] = rounds;
  console.log(`${name}: ${Math.round(warm.sort((a, b) => a - b)[1])} ns`);
}

const StatsD = require('hot-shots');
const client = new StatsD({ host: '127.0.0.1', port: sink.address().port, globalTags: ['service:shop', 'env:prod'], maxBufferSize: 1432 });
await measure('hot-shots: a count with four tags', () => client.increment('checkout.order.count', 1, ['currency:EUR', 'country:DE']));
client.close();

const tracer = require('dd-trace').init({ url: `http://127.0.0.1:${agent.address().port}`, service: 'shop', env: 'prod', plugins: false, startupLogs: false, runtimeMetrics: false });
// A trace of ten spans at a time: one that never ended would be kept whole.
let root = null;
let children = 0;
await measure('dd-trace: a child span with two tags and a number', () => {
  root ??= tracer.startSpan('request', { tags: { 'resource.name': 'GET /' } });
  const span = tracer.startSpan('sql.query', { childOf: root, tags: { 'resource.name': 'SELECT * FROM orders' } });
  span.setTag('db.system', 'postgres');
  span.setTag('db.name', 'orders');
  span.setTag('rows', 7);
  span.finish();
  if (++children % 10 === 0) {
    root.finish();
    root = null;
  }
});
process.exit(0);
