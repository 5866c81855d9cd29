// Starts the real `vcommerce all` for a test, on free ports, and speaks gRPC to its services over Node's own HTTP/2, with the
// messages of shop/proto as protobufjs reads them: a client that shares nothing with the shop but the protocol.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:http2';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import { kBinary, kRoot, pollUntil } from './server.mjs';

const kShop = process.env.VCOMMERCE_BINARY ?? join(dirname(kBinary), 'vcommerce');
const kProtos = join(kRoot, 'shop/proto');
const kStopMilliseconds = 20_000;
const kStatusNames = ['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'];

const roots = new Map();
// Of `shop/proto/vcommerce/v1/<file>.proto`.
function protoRoot(file) {
  if (!roots.has(file)) {
    const root = new protobuf.Root();
    root.resolvePath = (origin, target) => (target.startsWith('/') ? target : join(kProtos, target));
    roots.set(file, root.loadSync(`vcommerce/v1/${file}.proto`).root);
  }
  return roots.get(file);
}

// One unary call: {status, message, answer, trailers}. `bytes` in place of `request`: sent as they are. `over`: a connection
// of Node's that stays open; else one is made for the call.
export async function grpcCall(address, file, method, request = {}, { metadata = {}, bytes, seconds = 10, over } = {}) {
  const [serviceName, name] = method.split('/');
  const service = protoRoot(file).lookupService(`vcommerce.v1.${serviceName}`);
  const rpc = service.methods[name].resolve();
  const body = bytes ?? rpc.resolvedRequestType.encode(rpc.resolvedRequestType.fromObject(request)).finish();
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), body]);
  frame.writeUInt32BE(body.length, 1);
  const session = over ?? connect(`http://${address}`);
  const closed = over ? new Promise(() => {}) : new Promise((resolve, reject) => session.on('error', reject).on('close', resolve));
  closed.catch(() => {});
  try {
    const stream = session.request({ ':method': 'POST', ':path': `/vcommerce.v1.${serviceName}/${name}`, 'content-type': 'application/grpc', te: 'trailers', 'grpc-timeout': `${seconds}S`, ...metadata });
    const chunks = [];
    const seen = {};
    stream.on('response', (headers) => Object.assign(seen, headers)).on('trailers', (headers) => Object.assign(seen, headers)).on('data', (chunk) => chunks.push(chunk));
    stream.end(frame);
    await Promise.race([new Promise((resolve, reject) => stream.on('end', resolve).on('close', resolve).on('error', reject)), closed]);
    const answered = Buffer.concat(chunks);
    const status = kStatusNames[Number(seen['grpc-status'])] ?? `HTTP ${seen[':status']}`;
    const answer = answered.length > 5 || status === 'OK'
      ? rpc.resolvedResponseType.toObject(rpc.resolvedResponseType.decode(answered.subarray(5)), { longs: Number, enums: String, defaults: true }) : undefined;
    return { status, message: decodeURIComponent(seen['grpc-message'] ?? ''), answer };
  } finally {
    if (!over) session.destroy();
  }
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Shop {
  events = []; // what the supervisor printed: {event, service, pid, grpc, …}
  stderr = '';
  faultKey = 'test-fault-key';

  // `server`: a Server of server.mjs with `traceAgent`, which gets metrics and spans. `services`: names; all without.
  static async start({ server, services = [], env = {}, args = [] }) {
    if (!existsSync(kShop)) throw new Error(`${kShop} is not built: ./test release`);
    const shop = new Shop();
    const all = ['all', '--base-port', '0', '--json', ...(services.length ? ['--services', services.join(',')] : []), ...args];
    shop.child = spawn(kShop, all, {
      env: { ...process.env, DD_TRACE_AGENT_URL: server.agentUrl, DD_DOGSTATSD_URL: `udp://${server.listeners.dogstatsd}`, DD_ENV: 'shop-test', VCOMMERCE_FAULT_KEY: shop.faultKey, VCOMMERCE_HTTP_LISTEN: '127.0.0.1:0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(shop.child);
    shop.child.unref();
    shop.child.stdout.unref();
    shop.child.stderr.unref();
    let end = null;
    shop.exited = new Promise((resolve) => shop.child.on('close', (code, signal) => { running.delete(shop.child); end = { code, signal }; resolve(end); }));
    let rest = '';
    shop.child.stdout.on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) shop.events.push(JSON.parse(line));
    });
    shop.child.stderr.on('data', (chunk) => { shop.stderr += chunk; });
    await pollUntil('the shop is ready', () => {
      if (end) throw new Error(`vcommerce all ended with ${JSON.stringify(end)}:\n${shop.stderr}`);
      return shop.events.some(({ event }) => event === 'ready');
    }, { everyMilliseconds: 20 });
    return shop;
  }

  // The latest start of a service: {pid, grpc, restarts}.
  service(name) {
    return this.events.findLast((event) => event.service === name && (event.event === 'started' || event.event === 'restarted'));
  }

  call(service, file, method, request, options) {
    return grpcCall(this.service(service).grpc, file, method, request, options);
  }

  fault(service, name, value, seconds = 60) {
    return this.call(service, 'faults', 'Faults/Set', { name, value, seconds }, { metadata: { 'fault-key': this.faultKey } });
  }

  // Every complete log line so far.
  logs() {
    return this.stderr.split('\n').slice(0, -1).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  async stop() {
    this.child.kill('SIGTERM');
    let timer;
    const late = new Promise((resolve) => { timer = setTimeout(() => resolve(null), kStopMilliseconds); });
    const end = await Promise.race([this.exited, late]);
    clearTimeout(timer);
    if (!end) this.child.kill('SIGKILL');
    return end;
  }
}
