// Starts the real `godseye serve` for a test, on ports of its own choice, and says everything it printed when a test fails.
// Used by tests/conformance and tests/end_to_end. The binary is build/release/bin/godseye, or $GODSEYE_BINARY.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const kRoot = fileURLToPath(new URL('../..', import.meta.url));
export const kBinary = process.env.GODSEYE_BINARY ?? join(kRoot, 'build/release/bin/godseye');
// Starting opens the registry, the journal and the engine; with a cold disk that is most of a second, never this long.
const kStartMilliseconds = 60_000;
const kStopMilliseconds = 30_000;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
export const nowSeconds = () => Math.floor(Date.now() / 1000);

// Ask until the answer is neither undefined, null nor false. What `ask` throws is kept for the message of the deadline.
export async function pollUntil(what, ask, { seconds = 40, everyMilliseconds = 250 } = {}) {
  const end = Date.now() + seconds * 1000;
  let last = null;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      last = null;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${what}${last ? ` (last: ${last.cause?.message ?? last.message})` : ''}`);
    }
    await sleep(everyMilliseconds);
  }
}

export function temporaryFolder() {
  return mkdtempSync(join(tmpdir(), 'godseye-test-'));
}

// Run a program to its end: {code, signal, stdout, stderr}. Killed after `seconds`.
export function runToEnd(command, args, { seconds = 60, env = {}, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => { out.stdout += chunk; });
    child.stderr.on('data', (chunk) => { out.stderr += chunk; });
    child.on('error', reject);
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...out });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

// Its default port is one for all servers of the machine; who wants the trace agent says so by a flag.
process.env.GODSEYE_TRACE_AGENT ??= 'off';
// What tests listen on for notifications is loopback.
process.env.GODSEYE_ALLOW_PRIVATE_WEBHOOKS ??= 'true';

// Servers that a failed test left behind end with the test process.
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Server {
  stdout = '';
  stderr = '';
  apiKey = '';
  appKey = '';

  // `keys`: {apiKey, appKey} of an earlier start on the same data directory, which prints none.
  // `traceAgent`: the trace agent's listener too, at `agentUrl`. `http`: for who needs the same port again.
  static async start({ dataDir, args = [], env = {}, keys = null, anonymous = false, traceAgent = false,
    http = '127.0.0.1:0' } = {}) {
    if (!existsSync(kBinary)) throw new Error(`${kBinary} is not built: ./test release`);
    const server = new Server();
    server.ownsData = !dataDir;
    server.dataDir = dataDir ?? temporaryFolder();
    const all = ['serve', '--data-dir', server.dataDir, '--http', http, '--dogstatsd', '127.0.0.1:0',
      ...(traceAgent ? ['--trace-agent', '127.0.0.1:0'] : []), ...(anonymous ? ['--anonymous-loopback'] : []), ...args];
    const child = spawn(kBinary, all, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    server.child = child;
    // Nothing of the server keeps a test process alive that has nothing left to do.
    child.unref();
    child.stdout.unref();
    child.stderr.unref();
    running.add(child);
    server.pid = child.pid;
    server.exited = new Promise((resolve) => {
      child.on('error', (error) => resolve({ code: null, signal: null, error }));
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    child.stdout.on('data', (chunk) => { server.stdout += chunk; });
    child.stderr.on('data', (chunk) => { server.stderr += chunk; });
    let end = null;
    server.exited.then((how) => { end = how; });
    const deadline = Date.now() + kStartMilliseconds;
    while (!/^listening .*$/m.test(server.stdout)) {
      if (end) throw new Error(`godseye serve ended with ${end.code ?? end.signal ?? end.error}:\n${server.said()}`);
      if (Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`godseye serve is not up after ${kStartMilliseconds / 1000} s:\n${server.said()}`);
      }
      await sleep(20);
    }
    const line = server.stdout.match(/^listening (.*)$/m)[1];
    server.listeners = Object.fromEntries(line.split(' ').map((pair) => pair.split('=')));
    const [host, port] = server.listeners.dogstatsd.split(':');
    server.dogstatsd = { host, port: Number(port) };
    server.url = `http://${server.listeners.http}`;
    server.agentUrl = server.listeners['trace-agent'] && `http://${server.listeners['trace-agent']}`;
    server.apiKey = server.stdout.match(/\bapi_key=([0-9a-f]{32})\b/)?.[1] ?? keys?.apiKey ?? '';
    server.appKey = server.stdout.match(/\bapp_key=([0-9a-f]{40})\b/)?.[1] ?? keys?.appKey ?? '';
    server.udp = createSocket('udp4');
    server.udp.unref();
    return server;
  }

  said() {
    const last = (text) => text.split('\n').slice(-40).join('\n');
    return `--- its standard output\n${last(this.stdout)}\n--- its standard error\n${last(this.stderr)}`;
  }

  get keys() {
    return { apiKey: this.apiKey, appKey: this.appKey };
  }

  send(datagram) {
    return new Promise((resolve, reject) => {
      this.udp.send(datagram, this.dogstatsd.port, this.dogstatsd.host, (error) => (error ? reject(error) : resolve()));
    });
  }

  // {status, headers, text, json}. `json` is undefined for a body that is none. Keys are sent unless headers say otherwise.
  async request(method, path, { query, body, headers = {}, seconds = 15 } = {}) {
    const url = new URL(path, this.url);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const reply = await fetch(url, {
      method,
      headers: { 'dd-api-key': this.apiKey, 'dd-application-key': this.appKey, 'content-type': 'application/json', ...headers },
      body: body === undefined || raw ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(seconds * 1000),
    });
    const text = await reply.text();
    let json;
    try { json = JSON.parse(text); } catch { /* a page, or nothing */ }
    return { status: reply.status, headers: reply.headers, text, json };
  }

  // As `request`, but anything but a 2xx throws.
  async call(method, path, options) {
    const reply = await this.request(method, path, options);
    if (reply.status < 200 || reply.status > 299) throw new Error(`${method} ${path}: ${reply.status} ${reply.text.slice(0, 500)}`);
    return reply.json;
  }

  // The series of a v1 query over the last `seconds` (and the next ten, for points just sent).
  async query(text, seconds = 600) {
    const query = { query: text, from: nowSeconds() - seconds, to: nowSeconds() + 10 };
    return (await this.call('GET', '/api/v1/query', { query })).series;
  }

  // Sum of every point of every series; 0 without any.
  async total(text, seconds) {
    const series = await this.query(text, seconds);
    return series.flatMap((one) => one.pointlist).reduce((sum, [, value]) => sum + (value ?? 0), 0);
  }

  // Process ids of its children (the store). A child belongs to the thread that started it, so every thread is asked.
  children() {
    try {
      return readdirSync(`/proc/${this.pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${this.pid}/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number));
    } catch {
      return [];
    }
  }

  // End it as a person would, and remove its data unless the test brought the folder. Returns {code, signal}.
  async stop({ signal = 'SIGTERM', keepData = !this.ownsData } = {}) {
    this.child.kill(signal);
    // Cleared: a timer left behind would keep the test's process alive for all of it.
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(() => resolve(null), kStopMilliseconds); });
    const end = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    if (!end) {
      this.child.kill('SIGKILL');
      await this.exited;
    }
    this.udp?.close();
    this.udp = null;
    if (!keepData) rmSync(this.dataDir, { recursive: true, force: true });
    if (!end) throw new Error(`godseye serve did not end within ${kStopMilliseconds / 1000} s of ${signal}:\n${this.said()}`);
    return end;
  }

  // Every part is well, after hostile input too. Only the watchdog may have said by now that intake drops what was sent.
  async assertWell() {
    const { checks } = (await this.request('GET', '/health')).json;
    for (const [part, { status, reason = '' }] of Object.entries(checks)) {
      if (status !== 'ok' && !(part === 'watchdog' && reason.startsWith('intake_dropping: '))) throw new Error(`${part} is ${status}: ${reason}`);
    }
  }
}

// An HTTP server that takes what webhooks send: `calls` in order of arrival, each {time, method, url, headers, body}.
// `answer` decides the status of each call.
export class WebhookSink {
  calls = [];

  static async start(answer = () => 200) {
    const sink = new WebhookSink();
    sink.server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => {
        const call = { time: Date.now(), method: request.method, url: request.url, headers: request.headers, body };
        sink.calls.push(call);
        response.writeHead(answer(call, sink.calls.length)).end();
      });
    });
    await new Promise((resolve) => sink.server.listen(0, '127.0.0.1', resolve));
    sink.server.unref();
    sink.url = `http://127.0.0.1:${sink.server.address().port}`;
    return sink;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
