// What the APM scripts of every library send, and what must come back. One list, so that all are held to the same.
import assert from 'node:assert/strict';
import { pollUntil } from '../harness/server.mjs';

// Two visits of which one fails, each one client and one server span and a page, and 300 small traces.
export async function checkApm(server, reader, run, service, session) {
  const [visit] = await reader.arrived(`service:${service} resource_name:"visit /ok"`, 1);
  assert.equal(visit.attributes.spanId, run.said.visit.span);
  assert.equal(visit.attributes.env, 'conformance');
  const text = JSON.stringify(visit);
  for (const part of [run.said.visit.trace, 'gold', '12.5', '1.2.3']) assert.ok(text.includes(part), `${part} is not in ${text}`);
  await reader.arrived(`service:${service} status:error @http.status_code:500`, 1);
  // The server's spans belong to their session and user.
  const served = await reader.arrived(`service:${service} @session_id:${session}`, 2);
  assert.ok(served.every((span) => JSON.stringify(span).includes('grace')), JSON.stringify(served[0]));
  const ticks = await pollUntil('300 ticks, counted', async () => {
    const buckets = await reader.aggregate(`service:${service} operation_name:shop.tick`, [{ aggregation: 'count', type: 'total' }], ['resource_name']);
    const total = buckets.reduce((sum, bucket) => sum + Object.values(bucket.computes ?? bucket.compute)[0], 0);
    if (total !== 300) throw new Error(`${total} of 300`);
    return buckets;
  });
  assert.deepEqual(ticks.map((bucket) => bucket.by.resource_name).sort(), ['tick 0', 'tick 1', 'tick 2']);
  const trace = await server.call('GET', `/api/godseye/v1/traces/${run.said.failure.trace}`);
  assert.equal(trace.trace_id, run.said.failure.trace);
  assert.equal(trace.complete, true);
  const failure = trace.spans.find((span) => span.span_id === run.said.failure.span);
  assert.ok(failure, 'the root is not in its trace');
  assert.equal(failure.links?.length, 1, JSON.stringify(failure));
  assert.ok(JSON.stringify(failure.links).includes(run.said.visit.span), JSON.stringify(failure.links));
  assert.equal(failure.events?.[0]?.name, 'cart.emptied', JSON.stringify(failure));
  // RED metrics of what was traced.
  await pollUntil('trace.shop.tick.hits', async () => {
    const hits = await server.total(`sum:trace.shop.tick.hits{service:${service}}.as_count()`);
    if (hits !== 300) throw new Error(`${hits} of 300`);
    return true;
  });
}
