// Starts the real `model-simulator` for a test, on a port of its own choice.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { kRoot, sleep } from './server.mjs';

export const kSimulatorBinary = process.env.GODSEYE_SIMULATOR ?? join(kRoot, 'build/release/bin/model-simulator');
const kStartMilliseconds = 20_000;
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Simulator {
  stdout = '';
  stderr = '';

  static async start({ args = [] } = {}) {
    if (!existsSync(kSimulatorBinary)) throw new Error(`${kSimulatorBinary} is not built: ./test release`);
    const simulator = new Simulator();
    const child = spawn(kSimulatorBinary, ['--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    simulator.child = child;
    child.unref();
    child.stdout.unref();
    child.stderr.unref();
    running.add(child);
    simulator.exited = new Promise((resolve) => child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    }));
    child.stdout.on('data', (chunk) => { simulator.stdout += chunk; });
    child.stderr.on('data', (chunk) => { simulator.stderr += chunk; });
    const deadline = Date.now() + kStartMilliseconds;
    let line;
    while (!(line = simulator.stdout.match(/^listening http=(\S+)$/m))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`model-simulator did not start:\n${simulator.stdout}\n${simulator.stderr}`);
      }
      await sleep(10);
    }
    simulator.url = line[1];
    return simulator;
  }

  // {status, headers, text, json}.
  async request(method, path, { body, headers = {}, fault, seconds = 15 } = {}) {
    const reply = await this.open(method, path, { body, headers, fault, seconds });
    const text = await reply.text();
    let json;
    try { json = JSON.parse(text); } catch { /* a stream, or broken on purpose */ }
    return { status: reply.status, headers: reply.headers, text, json };
  }

  open(method, path, { body, headers = {}, fault, seconds = 15, signal } = {}) {
    return fetch(new URL(path, this.url), {
      method,
      headers: { 'content-type': 'application/json', ...(fault ? { 'x-simulator-fault': fault } : {}), ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(seconds * 1000),
    });
  }

  async stop() {
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.ref();
    this.child.kill('SIGTERM');
    return this.exited;
  }
}
