// Between a client and the server: passes everything on and keeps it, so that a test can say what was refused, send the
// same bytes again, or show them to Datadog's own fake agent (`ddapm-test-agent`).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { kRoot, pollUntil } from './server.mjs';

const kBin = join(kRoot, '.cache/venv/bin');
// Belong to one connection, not to the message.
const kHopHeaders = new Set(['connection', 'keep-alive', 'host', 'transfer-encoding', 'content-length', 'expect']);

const carried = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !kHopHeaders.has(name)));

// Sends one message, on a connection of its own, and gives the whole answer: {status, headers, body}.
export function exchange(target, { method, path, headers = {}, body = Buffer.alloc(0) }) {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(path, target), { method, agent: false, headers: { ...headers, 'content-length': body.length } }, async (reply) => {
      const chunks = [];
      try {
        for await (const chunk of reply) chunks.push(chunk);
      } catch (error) { return reject(error); }
      resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks) });
    });
    outgoing.setTimeout(30_000, () => outgoing.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export class Recorder {
  exchanges = []; // {method, path, headers, body, status, answer}

  // `target`: the address that everything is passed on to; may be changed at any time.
  static async start(target) {
    const recorder = new Recorder();
    recorder.target = target;
    recorder.server = createServer((request, response) => recorder.#pass(request, response));
    await new Promise((resolve) => recorder.server.listen(0, '127.0.0.1', resolve));
    recorder.server.unref();
    recorder.port = recorder.server.address().port;
    recorder.url = `http://127.0.0.1:${recorder.port}`;
    return recorder;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  of(pattern) {
    return this.exchanges.filter((one) => pattern.test(one.path));
  }

  // What the server answered with anything but a success, as one line each.
  refused() {
    return this.exchanges.filter((one) => one.status > 299).map((one) => `${one.method} ${one.path}: ${one.status} ${one.answer.toString().slice(0, 200)}`);
  }

  async #pass(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const message = { method: request.method, path: request.url, headers: carried(request.headers), body: Buffer.concat(chunks) };
    let reply;
    try {
      reply = await exchange(this.target, message);
    } catch (error) {
      // As if there were nobody: clients have their own ways with that.
      this.exchanges.push({ ...message, status: 599, answer: Buffer.from(error.message) });
      return request.socket.destroy();
    }
    this.exchanges.push({ ...message, status: reply.status, answer: reply.body });
    response.writeHead(reply.status, { ...carried(reply.headers), 'content-length': reply.body.length }).end(reply.body);
  }
}

async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// Every check that the fake agent knows.
export const kTraceChecks = ['meta_tracer_version_header', 'trace_content_length', 'trace_count_header', 'trace_dd_service', 'meta_events_is_valid_json', 'trace_peer_service', 'trace_stall'];

// Datadog's fake agent with all its checks on. Answers 400 to whatever fails one. It takes OTLP as well.
export class TestAgent {
  output = '';

  static async start() {
    const agent = new TestAgent();
    const [port, http, grpc] = [await freePort(), await freePort(), await freePort()];
    agent.child = spawn(join(kBin, 'ddapm-test-agent'), [
      '--port', String(port), '--otlp-http-port', String(http), '--otlp-grpc-port', String(grpc), '--disable-llmobs-data-forwarding',
      '--log-level', 'ERROR', '--snapshot-dir', '/nonexistent',
    ], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, ENABLED_CHECKS: kTraceChecks.join(',') } });
    agent.child.unref();
    for (const stream of [agent.child.stdout, agent.child.stderr]) {
      stream.unref();
      stream.on('data', (chunk) => { agent.output += chunk; });
    }
    process.on('exit', () => agent.child.kill('SIGKILL'));
    agent.url = `http://127.0.0.1:${port}`;
    agent.otlpUrl = `http://127.0.0.1:${http}`;
    try {
      await pollUntil('ddapm-test-agent answers', async () => agent.child.exitCode !== null || (await exchange(agent.url, { method: 'GET', path: '/info' })).status === 200, { seconds: 30 });
      if (agent.child.exitCode !== null) throw new Error(`ddapm-test-agent ended with ${agent.child.exitCode}`);
    } catch (error) {
      throw new Error(`${error.message}\n${agent.output}`);
    }
    return agent;
  }

  async get(path) {
    return JSON.parse((await exchange(this.url, { method: 'GET', path })).body);
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5000).unref())]);
    this.child.kill('SIGKILL');
  }
}
