// The npm libraries of model providers, unmodified, against the model simulator and against the gateway in front of it:
// openai 7.55.0, @google/genai 3.1.0, @anthropic-ai/sdk 1.12.0, ollama 0.6.4, @langchain/openai 1.6.0 and
// @langchain/google-genai 2.3.2.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gatewaySpans, startGateway, startSimulator } from './llm_targets.mjs';

const clients = await import('./provider_clients.mjs');
const kClients = [
  ['openai', clients.openaiTests], ['@anthropic-ai/sdk', clients.anthropicTests], ['@google/genai', clients.googleTests], ['ollama', clients.ollamaTests],
  ['@langchain/openai', clients.langchainOpenaiTests], ['@langchain/google-genai', clients.langchainGoogleTests],
];

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
  });
}
