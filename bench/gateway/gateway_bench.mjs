// What a gateway adds, against a hop through nginx and no hop at all, in one run.
//
// Needs build/release/bench/gateway_* and build/release/bin/godseye for the hops "gateway" (alone) and "serve"; nginx from the path or
// $NGINX_BINARY (left out when there is none). Every round measures every way in turn, so that other work on the machine meets
// all of them; the medians of the rounds are printed, and as JSON with --json.
//
// usage: node bench/gateway/gateway_bench.mjs [options]
//   --rounds N       at most 9 (default 5)
//   --seconds S      of each measurement, at most 20 (default 4)
//   --connections N  kept open by each load (default 32)
//   --hops A,B       hop, gateway, serve (default hop,serve)
//   --streams N      held open at a time, for memory (default 5000)
//   --threads N      of each hop (default 2)
//   --json           the result as JSON as well
// Latencies are printed in µs, CPU in µs a request, memory in MB.
// example: node bench/gateway/gateway_bench.mjs --rounds 3 --seconds 2 --hops hop
import '../../tests/harness/help.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({ options: {
  rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' }, connections: { type: 'string', default: '32' },
  hops: { type: 'string', default: 'hop,serve' }, streams: { type: 'string', default: '5000' }, threads: { type: 'string', default: '2' },
  json: { type: 'boolean', default: false },
} });
const rounds = Math.min(9, Number(given.rounds));
const seconds = Math.min(20, Number(given.seconds));
const connections = Number(given.connections);
const root = new URL('../..', import.meta.url).pathname;
const bench = join(root, 'build/release/bench');
const folder = mkdtempSync(join(tmpdir(), 'godseye-gateway-bench-'));
const children = [];
const kSettleMs = 800;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => done(port)); });
  });
}

// Starts a program and waits for `pattern` in what it prints; its first group is the origin.
function start(command, args, pattern, env = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  children.push(child);
  return new Promise((done, fail) => {
    let text = '';
    const look = (data) => {
      text += data;
      const found = text.match(pattern);
      if (found) done({ pid: child.pid, origin: found[1], http: text.match(/ http=(\S+)/)?.[1] });
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('exit', (code) => fail(new Error(`${command} ended with ${code}: ${text.slice(-2000)}`)));
    setTimeout(() => fail(new Error(`${command} does not listen: ${text.slice(-2000)}`)), 30_000).unref();
  });
}

async function startNginx(upstream) {
  const binary = process.env.NGINX_BINARY ?? spawnSync('sh', ['-c', 'command -v nginx || ls /usr/sbin/nginx']).stdout.toString().trim();
  if (!binary) return undefined;
  const port = await freePort();
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  writeFileSync(join(folder, 'nginx.conf'), `
    worker_processes ${given.threads}; daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_rlimit_nofile 20000;
    events { worker_connections 15000; }
    http { access_log off; ${temps} keepalive_requests 1000000000;
      upstream provider { server ${new URL(upstream).host}; keepalive 512; keepalive_requests 1000000000; }
      server { listen 127.0.0.1:${port} backlog=4096;
        location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } } }`);
  const child = spawn(binary, ['-c', join(folder, 'nginx.conf'), '-p', folder], { stdio: 'inherit' });
  children.push(child);
  await sleep(500);
  return { name: 'nginx', pid: child.pid, origin: `http://127.0.0.1:${port}` };
}

async function startWays(upstream) {
  const ways = [{ name: 'direct', origin: upstream }];
  const nginx = await startNginx(upstream);
  if (nginx) ways.push(nginx);
  for (const hop of given.hops.split(',')) {
    if (hop === 'hop') {
      ways.push({ name: 'hop', ...await start(join(bench, 'gateway_hop'), ['--to', upstream, '--threads', given.threads], /http=(\S+)/) });
    } else if (hop === 'gateway' || hop === 'serve') {
      const binary = process.env.GODSEYE_BINARY ?? join(root, 'build/release/bin/godseye');
      const where = hop === 'gateway' ? ['gateway', '--gateway', '127.0.0.1:0', '--data-dir', join(folder, hop)]
        : ['serve', '--http', '127.0.0.1:0', '--dogstatsd', '127.0.0.1:0', '--trace-agent', '127.0.0.1:0', '--anonymous-loopback', '--data-dir', join(folder, hop), '--gateway', '127.0.0.1:0'];
      const args = [...where, '--gateway-threads', given.threads, '--provider', `openai=${upstream}`];
      const gateway = await start(binary, args, /gateway=(?:http:\/\/)?(\S+)/);
      ways.push({ name: hop, pid: gateway.pid, origin: `http://${gateway.origin}`, http: gateway.http });
    }
  }
  return ways;
}

// Processor time of a process and its children in microseconds, to the nanosecond where the kernel says so.
function cpuMicros(pid) {
  const own = (one) => readdirSync(`/proc/${one}/task`).reduce((sum, task) => {
    try { return sum + Number(readFileSync(`/proc/${one}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000; } catch { return sum; }
  }, 0);
  const kids = spawnSync('pgrep', ['-P', String(pid)]).stdout.toString().split('\n').filter(Boolean);
  return own(pid) + kids.reduce((sum, kid) => sum + own(kid), 0);
}
const residentMb = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

function load(way, options) {
  const args = ['--to', way.origin, ...Object.entries(options).flatMap(([key, value]) => value === true ? [`--${key}`] : [`--${key}`, String(value)])];
  return new Promise((done, fail) => {
    const child = spawn(join(bench, 'gateway_load'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data) => { text += data; });
    child.on('exit', (code) => (code === 0 ? done(JSON.parse(text)) : fail(new Error(`gateway_load ${args.join(' ')} ended with ${code}`))));
  });
}

async function measureRound(ways, rows, rate) {
  for (const way of ways) {
    const row = rows[way.name] ??= { rps: [], cpu: [], p99_saturated: [], p50_one: [], p99_half: [], p50_half: [], first: [], errors: 0 };
    await sleep(kSettleMs);
    const before = way.pid ? cpuMicros(way.pid) : 0;
    const full = await load(way, { connections, seconds });
    await sleep(kSettleMs);  // spans are scored and written behind the calls: they are part of a request's price
    if (way.pid) row.cpu.push((cpuMicros(way.pid) - before) / full.requests);
    row.rps.push(full.rps);
    row.p99_saturated.push(full.p99_us);
    const one = await load(way, { connections: 1, seconds: seconds / 2 });
    row.p50_one.push(one.p50_us);
    const stream = await load(way, { connections: 8, seconds: seconds / 2, stream: true });
    row.first.push(stream.first_p50_us);
    row.errors += full.errors + one.errors + stream.errors;
  }
  // The rate is one for all: half of what the way under test takes at most.
  for (const way of ways) {
    const half = await load(way, { connections, seconds, rate: rate(rows) });
    rows[way.name].p99_half.push(half.p99_us);
    rows[way.name].p50_half.push(half.p50_us);
    rows[way.name].errors += half.errors;
  }
}

async function spanCounts(way) {
  await sleep(2000);
  const text = await (await fetch(`http://${way.http.replace(/^http:\/\//, '')}/metrics`)).text();
  const value = (name) => Number(text.split('\n').find((line) => line.startsWith(name))?.split(' ').at(-1) ?? NaN);
  const discarded = (what) => value(`godseye_gateway_discarded_total{what="${what}"}`);
  return { spans_out: value('godseye_gateway_spans_out_total'), lost: discarded('span'), score: discarded('score'), text: discarded('text'), braked: value('godseye_gateway_calls_braked_total') };
}

async function openStreams(way) {
  const before = residentMb(way.pid);
  const wanted = Number(given.streams);
  const running = load(way, { connections: wanted, seconds: Math.ceil(wanted / 500) + 6, open: true, model: 'hold' });
  let peak = 0;
  let over = false;
  running.then(() => { over = true; }, () => { over = true; });
  while (!over) { peak = Math.max(peak, residentMb(way.pid)); await sleep(250); }
  const result = await running;
  return { open: result.streams_open, errors: result.errors, before_mb: before, peak_mb: peak };
}

async function main() {
  const upstream = (await start(join(bench, 'gateway_upstream'), ['--hold-s', '60'], /http=(\S+)/)).origin;
  const ways = await startWays(upstream);
  const tested = ways.at(-1).name;
  for (const way of ways) await load(way, { connections, seconds: 0.5 });
  const rows = {};
  for (let round = 0; round < rounds; ++round) {
    await measureRound(ways, rows, (all) => median(all[tested].rps) / 2);
  }
  const m = Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, Array.isArray(value) ? (value.length ? median(value) : 0) : value]))]));
  // What became of the spans: none may be lost, scores may be left out at saturation.
  const spans = {};
  for (const way of ways.filter((one) => one.name === 'serve' && one.http)) spans[way.name] = await spanCounts(way);
  const streams = {};
  for (const way of ways) if (way.pid && way.name !== 'nginx') streams[way.name] = await openStreams(way);
  if (given.json) return console.log(JSON.stringify({ rounds, seconds, connections, medians: m, spans, streams }));
  console.log(`median of ${rounds} rounds of ${seconds} s, ${connections} connections, ${given.threads} threads; half rate ${Math.round(m[tested].rps / 2)}/s; load average ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}`);
  console.log('way       req/s   of nginx  cpu µs/req  p50 at 1  added   p50 half  p99 half  added p99  first token  added  errors');
  for (const [name, row] of Object.entries(m)) {
    const cells = [row.rps.toFixed(0), m.nginx ? `${(100 * row.rps / m.nginx.rps).toFixed(0)} %` : '-', row.cpu ? row.cpu.toFixed(1) : '-',
      row.p50_one.toFixed(1), (row.p50_one - m.direct.p50_one).toFixed(1), row.p50_half.toFixed(0), row.p99_half.toFixed(0),
      (row.p99_half - m.direct.p99_half).toFixed(0), row.first.toFixed(0), (row.first - m.direct.first).toFixed(0), row.errors];
    console.log(name.padEnd(8), cells.map((cell) => String(cell).padStart(9)).join(' '));
  }
  for (const [name, one] of Object.entries(spans)) {
    console.log(`${name}: ${one.spans_out} spans, ${one.lost} lost, ${one.score} without scores, ${one.text} without texts; ${one.braked} calls waited`);
  }
  for (const [name, one] of Object.entries(streams)) {
    console.log(`${name}: ${one.open} open streams, ${one.peak_mb.toFixed(0)} MB resident at most (${one.before_mb.toFixed(0)} MB before), ${one.errors} errors`);
  }
  if (!existsSync(join(folder, 'nginx.conf'))) console.log('no nginx found: its column is missing');
}

try {
  await main();
} finally {
  for (const child of children) { child.removeAllListeners('exit'); child.kill('SIGTERM'); }
  await sleep(500);
  rmSync(folder, { recursive: true, force: true });
}
