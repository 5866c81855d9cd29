// The gateway under faults for a long time: memory and descriptors stay flat. A command of its own, no part of ./test.
//
// Needs build/release/bin/godseye with its store for `godseye serve --gateway`, without it for `godseye gateway` alone,
// and build/release/bench/gateway_hop for the bare hop. Upstream is a provider of
// this script that fails in turn in every way a provider can: resets in the middle of an answer, stalls, lying lengths,
// garbage, slow pieces, 500s, closed connections. Clients leave early, send slowly, send nonsense. After a warm-up of a
// fifth of the time the resident memory and the open descriptors are compared until the end: the medians of the last
// fifth may be 10 % (and 20 MB, 20 descriptors) above those of the first fifth after the warm-up.
//
// usage: node tests/long/gateway_soak.mjs [options]
//   --minutes M     how long, at most a day (default 30)
//   --through WHAT  serve, gateway or hop (default serve)
//   --seed N        of the faults (default 1)
// Memory is printed in MB.
// example: node tests/long/gateway_soak.mjs --minutes 5 --through gateway
import '../harness/help.mjs';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({ options: {
  minutes: { type: 'string', default: '30' }, through: { type: 'string', default: 'serve' }, seed: { type: 'string', default: '1' },
} });
const root = new URL('../..', import.meta.url).pathname;
const milliseconds = Math.min(24 * 60, Number(given.minutes)) * 60_000;
const kClients = 40;
const kHopAddress = /http=http:\/\/(127\.0\.0\.1:\d+)/;
const kGatewayAddress = /gateway=(?:http:\/\/)?(127\.0\.0\.1:\d+)/;
const folder = mkdtempSync(join(tmpdir(), 'godseye-gateway-soak-'));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

// A small generator of our own, so that a seed means the same everywhere.
let state = Number(given.seed) >>> 0 || 1;
function random(below) {
  state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
  return state % below;
}

const answer = JSON.stringify({ id: 'chatcmpl-soak', object: 'chat.completion', created: 1_700_000_000, model: 'soak-simulator',
  choices: [{ index: 0, message: { role: 'assistant', content: 'The jacket keeps you warm and dry. '.repeat(20) }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 30, completion_tokens: 120, total_tokens: 150 } });
const event = (text) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'soak-simulator', choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;
const chunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const head = (extra, status = '200 OK') => `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\n${extra}\r\n`;
const streamHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

// What the provider does with a request, by number. Most are good, so that connections are kept and reused.
const behaviours = [
  ...Array(12).fill((socket) => socket.write(head(`Content-Length: ${Buffer.byteLength(answer)}\r\n`) + answer)),
  ...Array(4).fill(async (socket) => {
    socket.write(streamHead);
    for (let i = 0; i < 10; ++i) { socket.write(chunk(event(`word ${i} `))); await sleep(random(20)); }
    socket.write(`${chunk('data: [DONE]\n\n')}0\r\n\r\n`);
  }),
  (socket) => socket.resetAndDestroy(),
  (socket) => { socket.write(`${streamHead}${chunk(event('a'))}`); setTimeout(() => socket.resetAndDestroy(), random(30)); },
  (socket) => { socket.write(head('Content-Length: 99999\r\n') + answer); setTimeout(() => socket.end(), 10); },
  (socket) => socket.write(head('Content-Length: 5\r\n') + answer),
  (socket) => socket.write('this is not HTTP at all\r\n\r\n'),
  (socket) => socket.write(head('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n') + '0\r\n\r\n'),
  (socket) => socket.write(`${streamHead}zz\r\nnot a chunk`),
  (socket) => socket.write(head('Content-Length: 24\r\n', '500 Internal Server Error') + '{"error":{"message":""}}'),
  (socket) => socket.write(head('Content-Length: 24\r\nRetry-After: 1\r\n', '429 Too Many Requests') + '{"error":{"message":""}}'),
  (socket) => { socket.write(`${streamHead}${chunk(event('stalls'))}`); setTimeout(() => socket.destroy(), 3000); },
  (socket) => socket.end(head(`Content-Length: ${Buffer.byteLength(answer)}\r\nConnection: close\r\n`) + answer),
  (socket) => { const bytes = head(`Content-Length: ${Buffer.byteLength(answer)}\r\n`) + answer; socket.end(bytes.slice(0, random(bytes.length))); },
];

function startProvider() {
  const server = createServer((socket) => {
    let text = '';
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString('latin1');
      while (true) {
        const end = text.indexOf('\r\n\r\n');
        const length = end < 0 ? undefined : Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
        if (length === undefined || text.length < end + 4 + length) return;
        text = text.slice(end + 4 + length);
        behaviours[random(behaviours.length)](socket);
      }
    });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ server, origin: `http://127.0.0.1:${server.address().port}` })));
}

function startThrough(upstream) {
  const binary = process.env.GODSEYE_BINARY ?? join(root, 'build/release/bin/godseye');
  const provider = ['--provider', `openai=${upstream}`];
  const [command, args] = {
    hop: [join(root, 'build/release/bench/gateway_hop'), ['--to', upstream]],
    gateway: [binary, ['gateway', '--gateway', '127.0.0.1:0', '--data-dir', join(folder, 'data'), ...provider]],
    serve: [binary, ['serve', '--http', '127.0.0.1:0', '--dogstatsd', '127.0.0.1:0', '--trace-agent', '127.0.0.1:0', '--anonymous-loopback',
      '--data-dir', join(folder, 'data'), '--gateway', '127.0.0.1:0', ...provider]],
  }[given.through];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((done, fail) => {
    let text = '';
    let listening = false;
    const look = (data) => {
      if (listening) return;
      text += data;
      const found = text.match(given.through === 'hop' ? kHopAddress : kGatewayAddress);
      if (found) { listening = true; done({ child, port: Number(found[1].split(':')[1]) }); }
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code, signal) => fail(new Error(`${command} ended with ${code ?? signal}: ${text.slice(-2000)}`)));
  });
}

const counts = { answered: 0, failed: 0, left: 0, nonsense: 0 };
const agent = new Agent({ keepAlive: true, maxSockets: kClients });

function call(port) {
  const stream = random(3) === 0;
  const leaves = random(6) === 0;
  const body = JSON.stringify({ model: 'soak', stream, messages: [{ role: 'user', content: `Which jacket for ${'rain '.repeat(random(200))}?` }] });
  return new Promise((done) => {
    const request = httpRequest({ agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-session-id': `s-${random(1000)}` } }, (response) => {
      if (leaves) { response.once('data', () => { ++counts.left; request.destroy(); done(); }); }
      response.on('data', () => {});
      response.on('end', () => { ++counts.answered; done(); });
      response.on('error', () => { ++counts.failed; done(); });
      response.on('close', done);
    });
    request.on('error', () => { ++counts.failed; done(); });
    request.setTimeout(10_000, () => request.destroy());
    if (leaves && random(2) === 0) setTimeout(() => { ++counts.left; request.destroy(); done(); }, random(20));
    request.end(body);
  });
}

// A client that is none: slow, broken off, or not HTTP.
function nonsense(port) {
  const texts = ['GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"model',
    '\x16\x03\x01\x02\x00', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n',
    `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\n{\r\n'.repeat(50)}`];
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => { socket.write(texts[random(texts.length)]); setTimeout(() => socket.destroy(), random(500)); });
    socket.on('error', () => {});
    socket.on('close', () => { ++counts.nonsense; done(); });
  });
}

function sample(pid) {
  return { memory: Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

async function main() {
  const provider = await startProvider();
  const { child, port } = await startThrough(provider.origin);
  const end = Date.now() + milliseconds;
  let crashed = false;
  child.on('exit', () => { crashed = true; });
  const client = async (work) => { while (Date.now() < end && !crashed) { await work(port); await sleep(random(20)); } };
  const clients = [...Array(kClients).fill(call), ...Array(4).fill(nonsense)].map(client);
  const samples = [];
  while (Date.now() < end && !crashed) {
    await sleep(Math.min(1000, milliseconds / 100));
    if (!crashed) samples.push(sample(child.pid));
  }
  await Promise.all(clients);
  provider.server.close();
  agent.destroy();
  const fifth = Math.floor(samples.length / 5);
  const early = samples.slice(fifth, 2 * fifth);
  const late = samples.slice(-fifth);
  let good = !crashed && fifth > 0 && counts.answered > 0;
  for (const [what, slack] of [['memory', 20], ['descriptors', 20]]) {
    const [before, after] = [early, late].map((part) => median(part.map((one) => one[what])));
    const flat = after <= before * 1.1 + slack;
    good &&= flat;
    console.log(`${what}: ${before.toFixed(0)} after the warm-up, ${after.toFixed(0)} at the end: ${flat ? 'flat' : 'GROWS'}`);
  }
  console.log(`${given.minutes} min, seed ${given.seed}: ${JSON.stringify(counts)}${crashed ? '; IT ENDED' : ''}`);
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await sleep(1000);
  rmSync(folder, { recursive: true, force: true });
  process.exit(good ? 0 : 1);
}
await main();
