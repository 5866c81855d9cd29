// The PyPI clients `datadog` and `datadog-api-client`, unmodified, each driven by a script of python/ in its own process.
// A script prints one line of JSON per finished step; whatever reaches its standard error is a complaint.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Server, WebhookSink, kRoot, runToEnd, temporaryFolder } from '../harness/server.mjs';

const kPython = join(kRoot, '.cache/venv/bin/python');
// Two scripts of about a dozen steps, some of which wait for a ten-second cut.
const kScriptSeconds = 150;

let server;
let sink;
let sockets;

before(async () => {
  sockets = temporaryFolder();
  server = await Server.start({
    args: ['--dogstatsd-socket', join(sockets, 'dsd.socket'), '--dogstatsd-stream-socket', join(sockets, 'dsd-stream.socket')],
  });
  sink = await WebhookSink.start();
});

after(async () => {
  await server.stop();
  await sink.stop();
  rmSync(sockets, { recursive: true, force: true });
});

for (const script of ['datadog_client.py', 'datadog_api_client_v2.py']) {
  test(script, async (suite) => {
    const ended = await runToEnd(kPython, ['-W', 'default', join(kRoot, 'tests/conformance/python', script)], {
      seconds: kScriptSeconds,
      env: {
        GE_URL: server.url, GE_API_KEY: server.apiKey, GE_APP_KEY: server.appKey, GE_SINK: sink.url,
        GE_STATSD_HOST: server.dogstatsd.host, GE_STATSD_PORT: String(server.dogstatsd.port),
        GE_STATSD_SOCKET: join(sockets, 'dsd.socket'), GE_STATSD_STREAM_SOCKET: join(sockets, 'dsd-stream.socket'),
        PYTHONUNBUFFERED: '1',
      },
    });
    const steps = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    for (const step of steps) await suite.test(step.step, () => assert.equal(step.error ?? null, null));
    await suite.test('the client complained about nothing', () => assert.equal(ended.stderr, ''));
    await suite.test('every step was reached', () => {
      assert.equal(ended.code, 0, `exit code ${ended.code ?? ended.signal}`);
      assert.ok(steps.length >= 5, `${steps.length} steps`);
    });
  });
}
