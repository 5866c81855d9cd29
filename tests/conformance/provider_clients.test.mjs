// The npm libraries of model providers, unmodified, against the model simulator and against the gateway in front of it:
// openai 7.55.0, @google/genai 3.1.0, @anthropic-ai/sdk 1.12.0, ollama 0.6.4, @langchain/openai 1.6.0 and
// @langchain/google-genai 2.3.2; and those of PyPI, in processes of their own: openai 3.52.0, anthropic 2.12.0, google-genai
// 3.4.0, ollama 0.6.3, langchain-openai 1.7.3, langchain-google-genai 4.4.2.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { kRoot, runToEnd } from '../harness/server.mjs';
import * as known from './llm_targets.mjs';

const { gatewaySpans, startGateway, startSimulator } = known;

const clients = await import('./provider_clients.mjs');
const kClients = [
  ['openai', clients.openaiTests], ['@anthropic-ai/sdk', clients.anthropicTests], ['@google/genai', clients.googleTests], ['ollama', clients.ollamaTests],
  ['@langchain/openai', clients.langchainOpenaiTests], ['@langchain/google-genai', clients.langchainGoogleTests],
];

const kPythonLibraries = ['openai', 'anthropic', 'google_genai', 'ollama', 'langchain_openai', 'langchain_google_genai'];
const kPythonSeconds = 120;

// {tests: [{name, ok, error, where}], complaints, code} of one library of PyPI.
async function runPython(library, target, session) {
  const ended = await runToEnd(join(kRoot, '.cache/venv/bin/python'), [join(kRoot, 'tests/conformance/python/provider_clients.py')], {
    seconds: kPythonSeconds,
    env: {
      GE_LIBRARY: library, GE_URL: target.url, GE_GATEWAY: target.gateway ? '1' : '0', GE_SESSION: session, PYTHONUNBUFFERED: '1',
      HTTP_PROXY: '', HTTPS_PROXY: '', http_proxy: '', https_proxy: '', LANGSMITH_TRACING: 'false', GOOGLE_API_KEY: '', GEMINI_API_KEY: '',
      GE_KNOWN: JSON.stringify({
        attack: known.kAttack, shop: known.kShop, tool: known.kWeatherTool, schema: known.kAnswerSchema, picture: known.kPicture, slow: known.kSlow, header: known.kHeader,
      }),
    },
  });
  const tests = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return { tests, complaints: ended.stderr, code: ended.code };
}

for (const [where, start] of [['the simulator', startSimulator], ['the gateway', startGateway]]) {
  describe(`against ${where}`, () => {
    let target = null;
    before(async () => { target = await start(); });
    after(async () => { await target?.stop(); });
    for (const [library, make] of kClients) {
      test(library, async (context) => {
        if (!target) return context.skip('this program has no gateway');
        const session = `npm-${library.replace(/\W+/g, '-')}`;
        let calls = 0;
        for (const [name, run] of make(target, session)) {
          if (!run) continue;
          await context.test(name, async () => {
            const before = complaints.length;
            await run();
            assert.deepEqual(complaints.slice(before), [], 'the library complained');
          });
          ++calls;
        }
        if (target.gateway) await gatewaySpans(target.server, session, Math.min(calls, 5));
      });
    }
    for (const library of kPythonLibraries) {
      test(`${library} of PyPI`, async (context) => {
        if (!target) return context.skip('this program has no gateway');
        const session = `pypi-${library}`;
        const run = await runPython(library, target, session);
        for (const one of run.tests) await context.test(one.name, () => assert.ok(one.ok, `${one.error}\n${one.where}`));
        assert.equal(run.complaints, '');
        assert.equal(run.code, 0);
        assert.ok(run.tests.length >= 6, 'its tests did not run');
        if (target.gateway) await gatewaySpans(target.server, session, 5);
      });
    }
  });
}
