// How fast the shop's home page is: GET / at a fixed rate, open loop (a request is sent when it is due, whether or not
// those before it are answered, and its time counts from when it was due), against `vcommerce all` with the SDK on and a
// real Godseye taking what it sends. Every tenth request is a new visitor, the others are sessions that came before.
// Prints quantiles, failures, how far the sender itself was behind, and CPU by process.
//
// usage: node bench/shop/home_bench.mjs [options]
//   --rate N        requests a second (default 200)
//   --seconds S     measured for so many seconds (default 20)
//   --warm S        seconds of the same before, not measured (default 5)
//   --sink WHAT     godseye: a real one takes metrics and traces; none: nothing does (default godseye)
//   --path PATH     the page (default /)
// Times are printed in ms, CPU in % of a core. Needs build/release/bin, or $GODSEYE_BINARY and $VCOMMERCE_BINARY.
// example: node bench/shop/home_bench.mjs --rate 100 --seconds 10 --sink none
import '../../tests/harness/help.mjs';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Server, pollUntil, sleep } from '../../tests/harness/server.mjs';
import { Shop } from '../../tests/harness/shop.mjs';

const { values: options } = parseArgs({ options: {
  rate: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '20' },
  warm: { type: 'string', default: '5' },
  sink: { type: 'string', default: 'godseye' },
  path: { type: 'string', default: '/' },
} });
const kRate = Number(options.rate);
const kSessions = 500;
const kTicks = Number(execFileSync('getconf', ['CLK_TCK']));

const directory = mkdtempSync(join(tmpdir(), 'home-bench-'));
const server = options.sink === 'godseye' ? await Server.start({ traceAgent: true }) : null;
const env = { VCOMMERCE_DATA_DIR: directory, ...(server ? { GODSEYE_URL: server.url, DD_API_KEY: server.keys.apiKey, DD_APP_KEY: server.keys.appKey } : {}) };
const shop = await Shop.start({ server: server ?? { agentUrl: 'http://127.0.0.1:1', listeners: { dogstatsd: '127.0.0.1:9' } }, env });
const url = new URL(await pollUntil('the shop is open', () => shop.logs().find((line) => line.message === 'the shop is open')?.url));
// Fewer connections than the shop has threads: one that waits for a thread would measure the sender's choice.
const agent = new Agent({ keepAlive: true, maxSockets: 24 });

function get(due, serial, results) {
  const session = serial % 10 === 0 ? undefined : `session_id=bench-session-${String(serial % kSessions).padStart(6, '0')}`;
  return new Promise((resolve) => {
    const done = (status) => { results.push({ status, milliseconds: performance.now() - due }); resolve(); };
    const sent = request({ host: url.hostname, port: url.port, path: options.path, agent, headers: session ? { cookie: session } : {} }, (answer) => {
      answer.on('data', () => {}).on('end', () => done(answer.statusCode)).on('error', () => done(0));
    });
    sent.on('error', () => done(0));
    sent.end();
  });
}

async function run(seconds) {
  const results = [];
  const open = [];
  const start = performance.now();
  let behind = 0;
  for (let serial = 0; serial < kRate * seconds; ++serial) {
    const due = start + (serial * 1000) / kRate;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    behind = Math.max(behind, performance.now() - due);
    open.push(get(due, serial, results));
  }
  await Promise.all(open);
  return { results, behind, seconds: (performance.now() - start) / 1000 };
}

function cpu() {
  const used = {};
  const add = (name, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
    used[name] = (used[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) / kTicks;
  };
  for (const { service } of shop.events.filter(({ event }) => event === 'started')) add(service, shop.service(service).pid);
  if (server) for (const pid of [server.pid, ...server.children()]) add('godseye', pid);
  const own = process.cpuUsage();
  used['this sender'] = (own.user + own.system) / 1e6;
  return used;
}

try {
  await run(Number(options.warm));
  const before = cpu();
  const { results, behind, seconds } = await run(Number(options.seconds));
  const after = cpu();
  const times = results.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
  const bad = results.filter(({ status }) => status !== 200).length;
  const load = readFileSync('/proc/loadavg', 'latin1').split(' ')[0];
  console.log(`${results.length} requests of ${options.path} in ${seconds.toFixed(1)} s (${kRate}/s asked), ${bad} not 200, sender at most ${behind.toFixed(1)} ms behind, load ${load}`);
  console.log(`p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, worst ${times.at(-1).toFixed(1)} ms`);
  for (const [name, value] of Object.entries(after)) {
    console.log(`${name.padEnd(24)} ${((1000 * (value - before[name])) / results.length).toFixed(2)} ms of CPU a request, ${((100 * (value - before[name])) / seconds).toFixed(1)} % of a core`);
  }
} finally {
  agent.destroy();
  await shop.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}
