'use strict';
// dd-trace as an application uses it: a traced HTTP server and its client, an error, a custom span with links and events.
const tracer = require('dd-trace').init();
const http = require('node:http');
const { say, ids, sleep } = require('./say.cjs');

const kSecondsMin = Number(process.env.GE_SECONDS_MIN ?? 0);

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (reply) => {
      reply.resume();
      reply.on('end', () => resolve(reply.statusCode));
    }).on('error', reject);
  });
}

async function main() {
  const began = Date.now();
  const server = http.createServer((request, response) => {
    const span = tracer.scope().active();
    span.setTag('usr.id', 'grace');
    span.setTag('session_id', 'apm-session-1');
    if (request.url === '/fails') span.setTag('error', new TypeError('the basket is empty'));
    response.writeHead(request.url === '/fails' ? 500 : 200).end('x');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;

  let first;
  await tracer.trace('shop.visit', { resource: 'visit /ok', tags: { 'customer.tier': 'gold', 'basket.total': 12.5 } }, async (span) => {
    first = span;
    await get(`${address}/ok`);
    say('visit', ids(span));
  });
  await tracer.trace('shop.visit', { resource: 'visit /fails' }, async (span) => {
    span.addLink({ context: first.context(), attributes: { reason: 'follows' } });
    span.addEvent('cart.emptied', { items: 3, forced: true, ratio: 0.25, names: ['a', 'b'] });
    await get(`${address}/fails`);
    say('failure', ids(span));
  });
  // Many at once: several chunks, several payloads.
  for (let index = 0; index < 300; ++index) {
    tracer.trace('shop.tick', { resource: `tick ${index % 3}` }, (span) => span.setTag('index', index));
  }
  server.close();
  await sleep(Math.max(2500, kSecondsMin * 1000 - (Date.now() - began)));
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
