// Reading back with Datadog's own typed client: it throws, or marks as unparsed, whatever is not Datadog's.
import assert from 'node:assert/strict';
import { pollUntil } from '../harness/server.mjs';

const { client, v2 } = await import('@datadog/datadog-api-client').then((module) => module.default);

export function assertParsed(value, path = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  assert.ok(!value._unparsed, `${path} could not be parsed by the client: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${path}.${key}`);
}

export class SpansReader {
  constructor(server) {
    this.server = server;
    const configuration = client.createConfiguration({
      baseServer: new client.BaseServerConfiguration(server.url, {}), authMethods: { apiKeyAuth: server.apiKey, appKeyAuth: server.appKey },
    });
    for (const operation of ['v2.listLLMObsSpans', 'v2.searchLLMObsSpans']) configuration.unstableOperations[operation] = true;
    this.spans = new v2.SpansApi(configuration);
    this.llm = new v2.AgentObservabilityApi(configuration);
  }

  // Every span that matches, by pages.
  async search(query, { from = 'now-1h', to = 'now+1m', limit = 1000 } = {}) {
    const found = [];
    const body = { data: { type: 'search_request', attributes: { filter: { query, from, to }, page: { limit }, sort: 'timestamp' } } };
    for (let pages = 0; pages < 100; ++pages) {
      const answer = await this.spans.listSpans({ body });
      assertParsed(answer);
      found.push(...(answer.data ?? []));
      const after = answer.meta?.page?.after;
      if (!after) return found;
      body.data.attributes.page.cursor = after;
    }
    throw new Error(`more than 100 pages for ${query}`);
  }

  // As `search`, once there are `count` of them; more is an error.
  async arrived(query, count, options) {
    const found = await pollUntil(`${count} spans of ${query}`, async () => {
      const spans = await this.search(query, options);
      if (spans.length < count) throw new Error(`${spans.length} spans`);
      return spans;
    });
    assert.equal(found.length, count, query);
    return found;
  }

  async aggregate(query, compute, groupBy = []) {
    const answer = await this.spans.aggregateSpans({
      body: {
        data: {
          type: 'aggregate_request',
          attributes: { filter: { query, from: 'now-1h', to: 'now+1m' }, compute, groupBy: groupBy.map((facet) => ({ facet, limit: 100 })) },
        },
      },
    });
    assertParsed(answer);
    return (answer.data ?? []).map((bucket) => bucket.attributes);
  }

  // LLM spans: the attributes of each.
  async searchLlm(filter, { limit = 100 } = {}) {
    const answer = await this.llm.searchLLMObsSpans({
      body: { data: { type: 'spans', attributes: { filter: { from: 'now-1h', to: 'now+1m', ...filter }, page: { limit }, sort: 'timestamp' } } },
    });
    assertParsed(answer);
    return answer.data.map((span) => span.attributes);
  }

  async arrivedLlm(filter, count) {
    const found = await pollUntil(`${count} LLM spans of ${JSON.stringify(filter)}`, async () => {
      const spans = await this.searchLlm(filter);
      if (spans.length < count) throw new Error(`${spans.length} spans: ${spans.map((span) => span.name)}`);
      return spans;
    });
    assert.equal(found.length, count, JSON.stringify(filter));
    return found;
  }
}
