// TLS with real clients: curl, node, openssl, dd-trace's way of speaking; a certificate renewed under way.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from 'node:tls';
import { kBinary, pollUntil, runToEnd, Server, temporaryFolder } from '../harness/server.mjs';

const kOpenssl = existsSync('/usr/bin/openssl') ? '/usr/bin/openssl' : null;
const kCurl = existsSync('/usr/bin/curl') ? '/usr/bin/curl' : null;
const skip = kOpenssl === null ? 'no openssl on this machine' : false;

const folder = temporaryFolder();
const certificate = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
let server = null;
let ports = {};

async function makeCertificate(name) {
  const paths = [join(folder, `${name}.cert`), join(folder, `${name}.key`)];
  const made = await runToEnd(kOpenssl, ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-out', paths[0], '-keyout', paths[1]]);
  assert.equal(made.code, 0, made.stderr);
  return paths;
}

function use([from, fromKey]) {
  copyFileSync(from, certificate);
  copyFileSync(fromKey, key);
}

// The name on the certificate that a listener shows.
const shown = (port) => new Promise((resolve, reject) => {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  });
  socket.on('error', reject);
});

const get = (port, path, options = {}) => new Promise((resolve, reject) => {
  const call = request({ host: '127.0.0.1', port, path, ca: options.ca, rejectUnauthorized: options.ca !== undefined, ...options }, (reply) => {
    let text = '';
    reply.on('data', (chunk) => { text += chunk; });
    reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
  });
  call.on('error', reject);
  call.end(options.body);
});

before(async () => {
  if (skip) return;
  use(await makeCertificate('first'));
  server = await Server.start({ traceAgent: true, args: ['--tls-cert', certificate, '--tls-key', key, '--trace-agent-tls', '--gateway', '127.0.0.1:0', '--gateway-tls',
    '--provider', 'openai=http://127.0.0.1:9'] });
  const port = (name) => Number(server.listeners[name].split(':').pop());
  ports = { http: port('http'), agent: port('trace-agent'), gateway: port('gateway') };
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('every listener speaks TLS to node and curl, and nothing older than 1.2', { skip }, async () => {
  for (const [name, port] of Object.entries(ports)) {
    const path = name === 'agent' ? '/info' : '/health';
    assert.ok((await get(port, path)).status > 0, name);
    if (kCurl) {
      const curl = await runToEnd(kCurl, ['-s', '--cacert', certificate, '-o', '/dev/null', '-w', '%{http_code} %{ssl_verify_result}', `https://localhost:${port}${path}`]);
      assert.match(curl.stdout, /^[1-5]\d\d 0$/, `${name}: ${curl.stdout} ${curl.stderr}`);
    }
    for (const [flag, good] of [['-tls1', false], ['-tls1_1', false], ['-tls1_2', true], ['-tls1_3', true]]) {
      const tried = await runToEnd(kOpenssl, ['s_client', '-connect', `127.0.0.1:${port}`, flag, '-cipher', 'DEFAULT:@SECLEVEL=0'], { input: '' });
      assert.equal(/Cipher is (?!\(NONE\))/.test(tried.stdout), good, `${name} ${flag}: ${tried.stdout.slice(0, 400)} ${tried.stderr.slice(0, 200)}`);
    }
    const plain = await fetch(`http://127.0.0.1:${port}/health`).then((reply) => reply.status, () => 'cut');
    assert.equal(plain, 'cut', `${name} without TLS`);
  }
});

test('over TLS the cookie is for TLS alone', { skip }, async () => {
  const headers = { 'dd-api-key': server.apiKey, 'dd-application-key': server.appKey, 'content-type': 'application/json' };
  const made = await get(ports.http, '/api/godseye/v1/access/users', { method: 'POST', headers, body: JSON.stringify({ handle: 'ana', password: 'correct horse battery' }) });
  assert.equal(made.status, 201, made.text);
  const signed = await get(ports.http, '/api/godseye/v1/access/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ handle: 'ana', password: 'correct horse battery' }) });
  assert.equal(signed.status, 200, signed.text);
  assert.match(signed.headers['set-cookie'][0], /^__Host-godseye_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/);
});

test('a renewed certificate is shown without a restart, a broken one is not', { skip }, async () => {
  const second = await makeCertificate('second');
  use(second);
  process.kill(server.pid, 'SIGHUP');
  for (const port of Object.values(ports)) await pollUntil('the second certificate', async () => (await shown(port)) === 'second', { seconds: 10, everyMilliseconds: 50 });
  const third = await makeCertificate('third');
  copyFileSync(third[0], certificate); // the key does not fit
  process.kill(server.pid, 'SIGHUP');
  await pollUntil('a warning', async () => /keeping the certificate in service.*does not belong to the certificate/.test(await shown(ports.http).then(() => server.stdout + server.stderr)), { seconds: 10, everyMilliseconds: 50 });
  assert.equal(await shown(ports.http), 'second');
  use(third);
  await pollUntil('the third certificate, by the change of the files alone', async () => (await shown(ports.agent)) === 'third', { seconds: 10, everyMilliseconds: 100 });
});

test('a key of another certificate is named at the start', { skip }, async () => {
  const [one] = await makeCertificate('one');
  const [, other] = await makeCertificate('other');
  const ended = await runToEnd(kBinary, ['serve', '--data-dir', join(folder, 'data'), '--http', '127.0.0.1:0', '--dogstatsd', 'off', '--tls-cert', one, '--tls-key', other]);
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /does not belong to the certificate/);
});
