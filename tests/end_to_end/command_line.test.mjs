// What can be wrong before anything runs: one line that names it, exit code 2. And what `--help` promises.
import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server, kBinary, kRoot, runToEnd, temporaryFolder } from '../harness/server.mjs';

async function assertRefused(args, names, env = {}) {
  const folder = temporaryFolder();
  try {
    const ended = await runToEnd(kBinary, args.map((one) => one.replace('DIR', folder)), { env, seconds: 30 });
    const label = `godseye ${args.join(' ')}`;
    assert.equal(ended.code, 2, `${label}: exit code ${ended.code ?? ended.signal}\n${ended.stderr}`);
    const lines = ended.stderr.trim().split('\n');
    assert.equal(lines.length, 1, `${label}: more than one line:\n${ended.stderr}`);
    assert.match(lines[0], names, label);
    assert.equal(ended.stdout, '', `${label}: standard output`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const kServe = ['serve', '--data-dir', 'DIR', '--http', '127.0.0.1:0', '--dogstatsd', '127.0.0.1:0'];

test('an unknown flag, value, command or key is one line and exit code 2', async () => {
  await assertRefused(['frobnicate'], /frobnicate/);
  await assertRefused([...kServe, '--no-such-flag'], /no-such-flag/);
  await assertRefused([...kServe, '--contexts-max', 'many'], /contexts-max/);
  await assertRefused([...kServe, '--contexts-max', '-1'], /contexts-max/);
  await assertRefused([...kServe, '--retention-days', '0x'], /retention-days/);
  await assertRefused(['serve', '--data-dir', 'DIR', '--http', 'nowhere'], /http/);
  await assertRefused(['serve', '--data-dir', 'DIR', '--http', '127.0.0.1:70000'], /http/);
  await assertRefused(['serve', '--data-dir', 'DIR', '--http', '127.0.0.1:0', '--dogstatsd', '127.0.0.1:x'], /dogstatsd/);
  await assertRefused([...kServe, '--log-level', 'chatty'], /log-level/);
});

test('the environment is held to the same', async () => {
  await assertRefused(kServe, /contexts-max|GODSEYE_CONTEXTS_MAX/, { GODSEYE_CONTEXTS_MAX: 'many' });
  await assertRefused(kServe, /log-level|GODSEYE_LOG_LEVEL/, { GODSEYE_LOG_LEVEL: 'chatty' });
});

test('so is the configuration file', async () => {
  const folder = temporaryFolder();
  try {
    const file = join(folder, 'godseye.yaml');
    for (const [text, names] of [['no-such-key: 1\n', /no-such-key/], ['contexts-max: many\n', /contexts-max/], ['contexts-max: [1\n', /godseye\.yaml/]]) {
      writeFileSync(file, text);
      await assertRefused([...kServe, '--config', file], names);
    }
    await assertRefused([...kServe, '--config', join(folder, 'absent.yaml')], /absent\.yaml/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a busy port is named', async () => {
  const busy = createServer();
  await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${busy.address().port}`;
  await assertRefused(['serve', '--data-dir', 'DIR', '--http', address, '--dogstatsd', '127.0.0.1:0'], new RegExp(address.replaceAll('.', '\\.')));
  busy.close();
});

test('a second server on the same data directory is refused', async () => {
  const server = await Server.start();
  try {
    const ended = await runToEnd(kBinary, ['serve', '--data-dir', server.dataDir, '--http', '127.0.0.1:0', '--dogstatsd', '127.0.0.1:0']);
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, new RegExp(server.dataDir));
    assert.equal((await server.request('GET', '/health')).status, 200);
  } finally {
    await server.stop();
  }
});

test('help and version', async () => {
  const help = await runToEnd(kBinary, ['--help']);
  assert.equal(help.code, 0);
  for (const word of ['serve', 'query', 'doctor', '--version']) assert.ok(help.stdout.includes(word), `--help names ${word}`);
  const serve = await runToEnd(kBinary, ['serve', '--help']);
  assert.equal(serve.code, 0);
  for (const word of ['--data-dir', '--http', '--dogstatsd', '--anonymous-loopback', '--contexts-max']) assert.ok(serve.stdout.includes(word), word);
  const version = await runToEnd(kBinary, ['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /\d+\.\d+\.\d+/);
});

test('port 0 works, the listening line names every listener, and SIGTERM ends it with 0', async () => {
  const server = await Server.start();
  assert.match(server.stdout, /^listening (?=.*\bhttp=127\.0\.0\.1:[1-9]\d*)(?=.*\bdogstatsd=127\.0\.0\.1:[1-9]\d*)/m);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  const interrupted = await Server.start();
  assert.deepEqual(await interrupted.stop({ signal: 'SIGINT' }), { code: 0, signal: null });
});

test('every bench and long test says what it takes, in which units, with an example', async () => {
  const scripts = ['bench', 'tests/long'].flatMap((folder) => readdirSync(join(kRoot, folder), { recursive: true }).map((name) => join(folder, String(name))))
    .filter((path) => path.endsWith('.mjs') && !path.endsWith('alert_traffic.mjs'));
  assert.ok(scripts.length >= 10, scripts.join(' '));
  await Promise.all(scripts.map(async (path) => {
    const help = await runToEnd(process.execPath, [join(kRoot, path), '--help'], { seconds: 30 });
    assert.deepEqual([help.code, help.stderr], [0, ''], path);
    assert.match(help.stdout, new RegExp(`^usage: node ${path.replaceAll('.', '\\.')}`, 'm'));
    assert.match(help.stdout, new RegExp(`^example: node ${path.replaceAll('.', '\\.')}`, 'm'));
  }));
});

test('the environment and the configuration file set what flags set, flags first', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'godseye.yaml');
  writeFileSync(file, 'anonymous-loopback: true\nretention-days: 7\n');
  const server = await Server.start({ args: ['--config', file], env: { GODSEYE_CONTEXTS_MAX: '5000' } });
  try {
    assert.equal((await server.request('GET', '/api/v1/monitor', { headers: { 'dd-api-key': '', 'dd-application-key': '' } })).status, 200);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('godseye query and doctor answer from a running server', async () => {
  const server = await Server.start({ anonymous: true });
  try {
    const doctor = await runToEnd(kBinary, ['doctor', '--data-dir', server.dataDir, '--http', server.listeners.http]);
    assert.ok([0, 1].includes(doctor.code), `doctor ended with ${doctor.code}: ${doctor.stderr}`);
    assert.match(doctor.stdout, /engine/i);
    const wrong = await runToEnd(kBinary, ['query', '--server', server.url, 'sum:a{*']);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.stderr, /column|expected/i);
  } finally {
    await server.stop();
  }
});
