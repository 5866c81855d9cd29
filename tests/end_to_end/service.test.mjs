// Godseye under a service manager: the unit file is valid and tight, and the server says when it is ready, that it lives and
// that it stops, by the datagrams that systemd listens for.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { Server, pollUntil } from '../harness/server.mjs';

const kUnit = fileURLToPath(new URL('../../packaging/godseye.service', import.meta.url));
const kExposureMax = 2.5; // of 10, as systemd-analyze counts; it says "OK" below 4

const has = (program, ...args) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

// A service manager's end of the socket; Node has no Unix datagrams.
const kListen = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(120)
print("bound", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", " "), flush=True)
`;

test('the unit is valid, and the service can do little to its machine', { skip: has('systemd-analyze', '--version') ? false : 'no systemd-analyze' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'godseye-unit-'));
  try {
    // Verification wants programs that exist.
    const path = join(folder, 'godseye.service');
    writeFileSync(path, readFileSync(kUnit, 'utf8').replaceAll('/usr/local/bin/godseye', '/bin/true'));
    const verified = spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' });
    assert.equal(verified.status, 0, verified.stderr);
    assert.equal(verified.stderr.split('\n').filter((line) => line.includes('godseye.service')).join('\n'), '');
    const exposed = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', path], { encoding: 'utf8' });
    const level = /exposure level for godseye\.service: ([\d.]+)/.exec(exposed.stdout)?.[1];
    assert.ok(Number(level) <= kExposureMax, `exposure ${level}\n${exposed.stderr}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a service manager hears ready, alive and stopping', { skip: has('python3', '--version') ? false : 'no python3' }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'godseye-notify-'));
  const socket = join(folder, 'notify');
  const heard = [];
  const manager = spawn('python3', ['-c', kListen, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  manager.stdout.on('data', (data) => heard.push(...data.toString().trim().split('\n')));
  try {
    await pollUntil('the socket', async () => heard.includes('bound'));
    const server = await Server.start({ env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000000' } });
    await pollUntil('ready', async () => heard.some((line) => /^READY=1 STATUS=listening http=/.test(line)));
    await pollUntil('alive', async () => heard.includes('WATCHDOG=1'));
    await server.stop();
    await pollUntil('stopping', async () => heard.includes('STOPPING=1'));
  } finally {
    manager.kill();
    rmSync(folder, { recursive: true });
  }
});
