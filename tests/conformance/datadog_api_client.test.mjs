// @datadog/datadog-api-client 1.64.0 (npm), unmodified: its typed answers throw, or mark as unparsed, whatever is not Datadog's.
import { complaints } from './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, WebhookSink, nowSeconds, pollUntil } from '../harness/server.mjs';
import { injectionMonitor, isNear, kDistribution, kPercentiles, kPercentileTolerance } from './values.mjs';

const { client, v1, v2 } = await import('@datadog/datadog-api-client').then((module) => module.default);

let server;
let sink;
let configuration;
let sentAt;

function configure(keys) {
  const made = client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(server.url, {}), authMethods: { apiKeyAuth: keys.apiKey, appKeyAuth: keys.appKey },
  });
  for (const operation of ['v2.listIncidents', 'v2.getIncident']) made.unstableOperations[operation] = true;
  return made;
}

// The client keeps what it cannot read and says so only here.
function assertParsed(value, path = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  assert.ok(!value._unparsed, `${path} could not be parsed by the client: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${path}.${key}`);
}

before(async () => {
  server = await Server.start();
  sink = await WebhookSink.start();
  configuration = configure(server.keys);
  sentAt = nowSeconds() - 30;
});

after(async () => {
  await server.stop();
  await sink.stop();
});

test('keys are validated', async () => {
  const answer = await new v1.AuthenticationApi(configuration).validate();
  assert.equal(answer.valid, true);
  const wrong = configure({ apiKey: '0'.repeat(32), appKey: '0'.repeat(40) });
  await assert.rejects(new v1.AuthenticationApi(wrong).validate(), (error) => error.code === 403);
  await assert.rejects(new v1.MonitorsApi(wrong).listMonitors(), (error) => error.code === 403);
});

test('series are taken in both versions', async () => {
  const metricsV1 = new v1.MetricsApi(configuration);
  const answer = await metricsV1.submitMetrics({
    body: {
      series: [
        { metric: 'node.v1.count', type: 'count', interval: 10, points: [[sentAt, 30], [sentAt - 60, 12]], tags: ['env:test'], host: 'web-1' },
        { metric: 'node.v1.gauge', type: 'gauge', points: [[sentAt, 2.5]], tags: ['env:test', 'session_id:ada-1'] },
      ],
    },
  });
  assert.equal(answer.status, 'ok');
  const metricsV2 = new v2.MetricsApi(configuration);
  // Not zstd: the client asks its user to bring an implementation.
  for (const contentEncoding of [undefined, 'gzip', 'deflate']) {
    const accepted = await metricsV2.submitMetrics({
      contentEncoding,
      body: {
        series: [{
          metric: 'node.v2.count', type: 1, interval: 10, points: [{ timestamp: sentAt, value: 7 }],
          tags: ['env:test', `encoding:${contentEncoding ?? 'plain'}`], resources: [{ name: 'web-1', type: 'host' }],
        }],
      },
    });
    assert.deepEqual(accepted.errors, []);
  }
});

test('distribution points are taken', async () => {
  const answer = await new v1.MetricsApi(configuration).submitDistributionPoints({
    body: { series: [{ metric: 'node.distribution', points: [[sentAt, kDistribution]], tags: ['env:test'], host: 'web-1' }] },
  });
  assert.equal(answer.status, 'ok');
});

const queryV1 = (query) =>
  new v1.MetricsApi(configuration).queryMetrics({ from: nowSeconds() - 900, to: nowSeconds() + 10, query });

async function totalOf(query) {
  const answer = await queryV1(query);
  assertParsed(answer);
  return (answer.series ?? []).flatMap((one) => one.pointlist).reduce((sum, [, value]) => sum + (value ?? 0), 0);
}

test('a v1 query gives back what was sent', async () => {
  for (const [query, expected] of [
    ['sum:node.v1.count{*}.as_count()', 42], ['sum:node.v1.count{host:web-1}.as_count()', 42], ['max:node.v1.gauge{*}', 2.5],
    ['sum:node.v2.count{*}.as_count()', 21], ['count:node.distribution{*}.as_count()', 1000],
    ['sum:node.v1.count{*}.as_count() * 2', 84],
  ]) {
    await pollUntil(`${query} = ${expected}`, async () => {
      const total = await totalOf(query);
      if (Math.abs(total - expected) > 1e-9) throw new Error(`it is ${total}`);
      return true;
    });
  }
  const answer = await queryV1('sum:node.v2.count{*} by {encoding}.as_count()');
  assert.equal(answer.status, 'ok');
  assert.deepEqual(answer.series.map((one) => one.tagSet).flat().sort(), ['encoding:deflate', 'encoding:gzip', 'encoding:plain']);
  assert.equal(answer.series[0].metric, 'node.v2.count');
});

test('percentiles of a distribution are within one percent', async () => {
  for (const [aggregator, expected] of Object.entries(kPercentiles)) {
    const answer = await queryV1(`${aggregator}:node.distribution{*}.rollup(3600)`);
    const value = answer.series[0]?.pointlist.find(([, one]) => one !== null)?.[1];
    assert.ok(isNear(value, expected, kPercentileTolerance), `${aggregator} is ${value}, sent ${expected}`);
  }
});

test('a v2 timeseries query with a formula', async () => {
  const answer = await new v2.MetricsApi(configuration).queryTimeseriesData({
    body: {
      data: {
        type: 'timeseries_request',
        attributes: {
          from: (nowSeconds() - 900) * 1000, to: (nowSeconds() + 10) * 1000, interval: 60_000, formulas: [{ formula: 'a + b' }],
          queries: [
            { name: 'a', dataSource: 'metrics', query: 'sum:node.v1.count{*}.as_count()' },
            { name: 'b', dataSource: 'metrics', query: 'default_zero(sum:node.v2.count{*}.as_count())' },
          ],
        },
      },
    },
  });
  assertParsed(answer);
  assert.equal(answer.data.type, 'timeseries_response');
  const { series, times, values } = answer.data.attributes;
  assert.equal(series.length, 1);
  assert.equal(values[0].length, times.length);
  // At the times where `a` has points: 12, and 30 + 21 (the minute of sentAt).
  assert.deepEqual(values[0].filter((value) => value !== null && value > 0).reduce((sum, value) => sum + value, 0), 63);
});

test('a v2 scalar query with a formula', async () => {
  const answer = await new v2.MetricsApi(configuration).queryScalarData({
    body: {
      data: {
        type: 'scalar_request',
        attributes: {
          from: (nowSeconds() - 900) * 1000, to: (nowSeconds() + 10) * 1000, formulas: [{ formula: 'a * 2' }],
          queries: [{ name: 'a', dataSource: 'metrics', aggregator: 'sum', query: 'sum:node.v2.count{*} by {encoding}.as_count()' }],
        },
      },
    },
  });
  assertParsed(answer);
  assert.equal(answer.data.type, 'scalar_response');
  const [encoding, value] = answer.data.attributes.columns;
  assert.equal(encoding.type, 'group');
  assert.deepEqual(encoding.values, [['deflate'], ['gzip'], ['plain']]);
  assert.equal(value.name, 'a * 2');
  const total = await totalOf('sum:node.v2.count{*}.as_count()');
  assert.equal(value.values.reduce((sum, one) => sum + one, 0), 2 * total);
});

test('a roll-up by the calendar has the days of its time zone', async () => {
  // A day of Kolkata begins at 18:30 UTC.
  const answer = await queryV1("sum:node.v2.count{*}.as_count().rollup(sum, daily, 'Asia/Kolkata')");
  assertParsed(answer);
  const [series] = answer.series;
  assert.equal(series.interval, 86_400);
  assert.ok(series.pointlist.every(([ms]) => ms % 86_400_000 === (18 * 60 + 30) * 60_000), JSON.stringify(series.pointlist));
  assert.equal(series.end - series.pointlist.at(-1)[0], 86_400_000 - 1);
  assert.equal(series.pointlist.reduce((sum, [, value]) => sum + value, 0), 21);
  // Two calendars in one answer meet on the times of both.
  const both = await new v2.MetricsApi(configuration).queryTimeseriesData({
    body: {
      data: {
        type: 'timeseries_request',
        attributes: {
          from: (nowSeconds() - 900) * 1000, to: (nowSeconds() + 10) * 1000, formulas: [{ formula: 'a' }, { formula: 'b' }],
          queries: [
            { name: 'a', dataSource: 'metrics', query: "sum:node.v2.count{*}.as_count().rollup(sum, daily, 'Asia/Kolkata')" },
            { name: 'b', dataSource: 'metrics', query: "sum:node.v2.count{*}.as_count().rollup(sum, daily, 'Asia/Tokyo')" },
          ],
        },
      },
    },
  });
  assertParsed(both);
  const { times, values } = both.data.attributes;
  assert.equal(new Set(times).size, times.length);
  for (const line of values) assert.equal(line.reduce((sum, value) => sum + (value ?? 0), 0), 21);
  for (const [query, why] of [
    ["sum:m{*}.rollup(sum, daily, 'Mars/Olympus')", /column 29: there is no time zone 'Mars\/Olympus'/],
    ['sum:m{*}.rollup(sum, daily, 60)', /column 29: expected an hour such as 6am or a time zone/],
    ["sum:m{*}.rollup(sum, 60, 'Europe/Paris')", /a time zone goes with daily, weekly, monthly or yearly/],
  ]) {
    await assert.rejects(queryV1(query), (error) => error.code === 400 && why.test(error.body.errors[0]), query);
  }
  const body = injectionMonitor('node.calendar', '@incident-unused');
  body.query = "max(last_1w):sum:m{*}.rollup(sum, daily, 'Mars/Olympus') > 0.7";
  await assert.rejects(new v1.MonitorsApi(configuration).createMonitor({ body }),
    (error) => error.code === 400 && /Mars\/Olympus/.test(error.body.errors[0]));
});

test('the scalar aggregator percentile is of all that was measured', async () => {
  const ask = (query) => new v2.MetricsApi(configuration).queryScalarData({
    body: {
      data: {
        type: 'scalar_request',
        attributes: {
          from: (nowSeconds() - 900) * 1000, to: (nowSeconds() + 10) * 1000, formulas: [{ formula: 'a' }],
          queries: [{ name: 'a', dataSource: 'metrics', aggregator: 'percentile', query }],
        },
      },
    },
  });
  for (const [aggregator, expected] of Object.entries(kPercentiles)) {
    const answer = await ask(`${aggregator}:node.distribution{*}`);
    assertParsed(answer);
    const [value] = answer.data.attributes.columns[0].values;
    assert.ok(isNear(value, expected, kPercentileTolerance), `${aggregator} is ${value}, sent ${expected}`);
  }
  await assert.rejects(ask('avg:node.distribution{*}'), (error) => error.code === 400 && /such as p95/.test(error.body.errors[0]));
});

test('a wrong query says where', async () => {
  await assert.rejects(queryV1('sum:node.v1.count{*'), (error) => error.code === 400 && error.body.errors.length > 0);
});

test('metrics are listed and searched', async () => {
  const api = new v1.MetricsApi(configuration);
  const active = await api.listActiveMetrics({ from: nowSeconds() - 3600 });
  assertParsed(active);
  for (const name of ['node.v1.count', 'node.v2.count', 'node.distribution']) assert.ok(active.metrics.includes(name), `${name} is listed`);
  const found = await api.listMetrics({ q: 'metrics:node.v1' });
  assert.deepEqual(found.results.metrics.sort(), ['node.v1.count', 'node.v1.gauge']);
});

test('a monitor is created, read, listed, changed and deleted', async () => {
  const api = new v1.MonitorsApi(configuration);
  const created = await api.createMonitor({ body: injectionMonitor('node.unused', '@incident-unused') });
  assertParsed(created);
  assert.equal(created.type, 'query alert');
  assert.equal(created.options.thresholds.critical, 0.7);
  const read = await api.getMonitor({ monitorId: created.id });
  assertParsed(read);
  assert.equal(read.name, created.name);
  assert.deepEqual(read.tags, ['team:conformance']);
  const listed = await api.listMonitors({});
  assertParsed(listed);
  assert.ok(listed.some((monitor) => monitor.id === created.id));
  const changed = await api.updateMonitor({
    monitorId: created.id,
    body: { name: 'renamed', query: 'max(last_5m):max:node.unused{*} by {session_id} > 0.9', options: { thresholds: { critical: 0.9, warning: 0.8 } } },
  });
  assert.equal(changed.name, 'renamed');
  assert.equal(changed.options.thresholds.warning, 0.8);
  assert.equal((await api.getMonitor({ monitorId: created.id })).query, 'max(last_5m):max:node.unused{*} by {session_id} > 0.9');
  await api.validateMonitor({ body: injectionMonitor('node.unused', '') });
  await assert.rejects(api.createMonitor({ body: { ...injectionMonitor('x', ''), query: 'max(last_1m):max:x{*} by {session_id}' } }),
    (error) => error.code === 400 && error.body.errors.length > 0);
  assert.equal((await api.deleteMonitor({ monitorId: created.id })).deletedMonitorId, created.id);
  await assert.rejects(api.getMonitor({ monitorId: created.id }), (error) => error.code === 404);
});

test('a webhook is configured, read, changed and deleted', async () => {
  const api = new v1.WebhooksIntegrationApi(configuration);
  const created = await api.createWebhooksIntegration({
    body: { name: 'pager', url: `${sink.url}/first`, encodeAs: 'json', customHeaders: '{"x-team": "one"}', payload: '{"title": "$EVENT_TITLE"}' },
  });
  assertParsed(created);
  assert.equal(created.name, 'pager');
  assert.equal((await api.getWebhooksIntegration({ webhookName: 'pager' })).url, `${sink.url}/first`);
  const changed = await api.updateWebhooksIntegration({ webhookName: 'pager', body: { url: `${sink.url}/second` } });
  assert.equal(changed.url, `${sink.url}/second`);
  await api.deleteWebhooksIntegration({ webhookName: 'pager' });
  await assert.rejects(api.getWebhooksIntegration({ webhookName: 'pager' }), (error) => error.code === 404);
});

test('a monitor opens an incident that names the session, and calls the webhook', async () => {
  await new v1.WebhooksIntegrationApi(configuration).createWebhooksIntegration({
    body: { name: 'alarm', url: `${sink.url}/alarm`, encodeAs: 'json', payload: '{"scope": "$ALERT_SCOPE", "transition": "$ALERT_TRANSITION"}' },
  });
  await new v1.MonitorsApi(configuration).createMonitor({ body: injectionMonitor('node.score', '@incident-conformance @webhook-alarm') });
  await server.send('node.score:0.11|d|#session_id:ada-1\nnode.score:0.95|d|#session_id:mallory-77');
  const api = new v2.IncidentsApi(configuration);
  const incident = await pollUntil('an incident', async () => (await api.listIncidents({ pageSize: 10 })).data[0]);
  assertParsed(incident);
  assert.equal(incident.type, 'incidents');
  assert.match(JSON.stringify(incident.attributes.fields.attributed_to ?? null), /session_id:mallory-77/);
  const read = await api.getIncident({ incidentId: incident.id });
  assertParsed(read);
  assert.equal(read.data.id, incident.id);
  await pollUntil('the webhook', () => sink.calls.length > 0);
  const call = JSON.parse(sink.calls[0].body);
  assert.match(call.scope, /session_id:mallory-77/);
  assert.equal(call.transition, 'Triggered');
  await assert.rejects(api.getIncident({ incidentId: '00000000-0000-0000-0000-000000000000' }), (error) => error.code === 404);
});

test('the client complained about nothing', () => {
  assert.deepEqual(complaints, []);
});
