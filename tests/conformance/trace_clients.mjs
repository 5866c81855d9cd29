// How a tracing client is driven: its script in a process of its own, the recorder between it and the server, everything
// it complained about, and the same bytes shown to Datadog's own fake agent.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Recorder, exchange } from '../harness/recorder.mjs';
import { kRoot, runToEnd } from '../harness/server.mjs';

const kScriptSeconds = 90;
const kHere = join(kRoot, 'tests/conformance');
const kPython = join(kRoot, '.cache/venv/bin/python');

// What the libraries say of themselves and their settings, whoever answers them: dd-trace at its start when its log is on;
// ddtrace where native span events take the place of its default encoding.
const kAboutThemselves = /^DATADOG TRACER (CONFIGURATION|INTEGRATIONS LOADED) - |Setting api version to v0\.4; DD_TRACE_NATIVE_SPAN_EVENTS/;

// Common to both libraries: everything on that a user can have on, quickly.
function settings(server, recorder, service) {
  return {
    DD_TRACE_AGENT_URL: recorder.url, DD_SERVICE: service, DD_ENV: 'conformance', DD_VERSION: '1.2.3',
    DD_RUNTIME_METRICS_ENABLED: 'true', DD_REMOTE_CONFIGURATION_ENABLED: 'true', DD_REMOTE_CONFIG_POLL_INTERVAL_SECONDS: '1',
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'true', DD_TELEMETRY_HEARTBEAT_INTERVAL: '2',
    DD_DOGSTATSD_URL: `udp://${server.listeners.dogstatsd}`, DD_DOGSTATSD_HOST: server.dogstatsd.host, DD_DOGSTATSD_PORT: String(server.dogstatsd.port),
    // Neither the machine's agent nor its accounts.
    DD_API_KEY: server.apiKey || '0'.repeat(32), HTTPS_PROXY: '', HTTP_PROXY: '', DD_GIT_COMMIT_SHA: 'none', DD_GIT_REPOSITORY_URL: 'none',
  };
}

// Runs node/NAME or python/NAME. `direct`: the client is to talk to the intake of the HTTP listener, through a recorder
// of its own whose address goes into the variables of that name. Resolves to
// {said: {name: values}, complaints, code, agent: Recorder, intake: Recorder | null}.
export async function runClient(server, name, { service, env = {}, direct = [] }) {
  const agent = await Recorder.start(server.agentUrl);
  const intake = direct.length > 0 ? await Recorder.start(server.url) : null;
  const isNode = name.endsWith('.cjs');
  try {
    const ended = await runToEnd(isNode ? process.execPath : kPython, [join(kHere, isNode ? 'node' : 'python', name)], {
      seconds: kScriptSeconds,
      env: {
        ...settings(server, agent, service), PYTHONUNBUFFERED: '1', ...(isNode ? { DD_TRACE_DEBUG: 'true', DD_TRACE_LOG_LEVEL: 'warn' } : {}),
        ...Object.fromEntries(direct.map((variable) => [variable, intake.url])), ...env,
      },
    });
    const lines = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    return {
      code: ended.code, agent, intake, said: Object.fromEntries(lines.map(({ name: key, ...values }) => [key, values])),
      complaints: ended.stderr.split('\n').filter((line) => line !== '' && !kAboutThemselves.test(line)).join('\n'),
    };
  } finally {
    await agent.stop();
    await intake?.stop();
  }
}

// Sends what a client sent to us to the reference as well: the paths where one of the two accepts and the other refuses.
// What the reference does not have at all (404 for us alone) is no difference.
export async function differences(recorder, reference) {
  const found = new Set();
  for (const one of recorder.exchanges) {
    const theirs = await exchange(reference.url, one);
    if (theirs.status === 404 && one.status < 300) continue;
    if ((one.status < 300) !== (theirs.status < 300)) {
      found.add(`${one.method} ${one.path}: ${one.status} here, ${theirs.status} of the reference: ${theirs.body.toString().slice(0, 300)}`);
    }
  }
  return [...found];
}

// The client ended well, complained about nothing and was refused nothing.
export function assertQuiet(run) {
  assert.equal(run.complaints, '');
  assert.equal(run.code, 0);
  assert.deepEqual(run.agent.refused(), []);
  assert.deepEqual(run.intake?.refused() ?? [], []);
}
