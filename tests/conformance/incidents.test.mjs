// Incidents and cases through clients of Datadog that nobody changed: @datadog/datadog-api-client (npm) and
// datadog-api-client (PyPI, python/incidents.py).
import './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { Server, kRoot, runToEnd } from '../harness/server.mjs';

const { client, v2 } = await import('@datadog/datadog-api-client').then((module) => module.default);
const kPython = join(kRoot, '.cache/venv/bin/python');
const kStandardType = '00000000-0000-0000-0000-000000000001';

let server;
let configuration;

before(async () => {
  server = await Server.start();
  configuration = client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(server.url, {}),
    authMethods: { apiKeyAuth: server.apiKey, appKeyAuth: server.appKey },
  });
  for (const name of ['createIncident', 'getIncident', 'listIncidents', 'searchIncidents', 'updateIncident', 'deleteIncident',
    'createIncidentTodo', 'listIncidentTodos', 'getIncidentTodo', 'updateIncidentTodo', 'deleteIncidentTodo']) {
    configuration.unstableOperations[`v2.${name}`] = true;
  }
});

after(async () => server.stop());

function assertParsed(value, path = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  assert.ok(!value._unparsed, `${path} could not be parsed by the client: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${path}.${key}`);
}

const create = (title, extra = {}) =>
  new v2.IncidentsApi(configuration).createIncident({
    body: { data: { type: 'incidents', attributes: { title, customerImpacted: false, fields: { severity: { type: 'dropdown', value: 'SEV-3' } }, ...extra } } },
  });

test('an incident is created, read, changed, closed and deleted', async () => {
  const api = new v2.IncidentsApi(configuration);
  const made = await create('By a client', { initialCells: [{ cellType: 'markdown', content: { content: 'First words.' } }] });
  assertParsed(made);
  assert.equal(made.data.attributes.state, 'active');
  assert.equal(made.data.attributes.severity, 'SEV-3');
  const incidentId = made.data.id;
  const changed = await api.updateIncident({
    incidentId,
    body: {
      data: {
        id: incidentId, type: 'incidents',
        attributes: {
          title: 'By a client, renamed', customerImpacted: true, customerImpactScope: 'some', customerImpactStart: new Date(Date.now() - 60_000),
          fields: { state: { type: 'dropdown', value: 'stable' }, severity: { type: 'dropdown', value: 'SEV-2' }, root_cause: { type: 'textbox', value: 'unknown' } },
        },
        relationships: { commanderUser: { data: { id: 'ada', type: 'users' } } },
      },
    },
  });
  assertParsed(changed);
  assert.equal(changed.data.attributes.state, 'stable');
  assert.equal(changed.data.relationships.commanderUser.data.id, 'ada');
  assert.ok(changed.data.attributes.customerImpactStart instanceof Date);
  const closed = await api.updateIncident({
    incidentId, body: { data: { id: incidentId, type: 'incidents', attributes: { fields: { state: { type: 'dropdown', value: 'resolved' } } } } },
  });
  assert.equal(closed.data.attributes.state, 'resolved');
  assert.ok(closed.data.attributes.resolved instanceof Date);
  const read = await api.getIncident({ incidentId });
  assertParsed(read);
  assert.equal(read.data.attributes.fields.root_cause.value, 'unknown');
  await api.deleteIncident({ incidentId });
  await assert.rejects(api.getIncident({ incidentId }), (error) => error.code === 404);
});

test('incidents are listed page by page and searched', async () => {
  const api = new v2.IncidentsApi(configuration);
  const made = [];
  for (const title of ['one', 'two', 'three']) made.push(await create(`listed ${title}`, { fields: { services: { type: 'textarray', value: ['checkout'] } } }));
  const page = await api.listIncidents({ pageSize: 2, pageOffset: 0 });
  assertParsed(page);
  assert.equal(page.data.length, 2);
  assert.equal(page.meta.pagination.nextOffset, 2);
  const found = await api.searchIncidents({ query: 'state:active AND service:checkout', pageSize: 10 });
  assertParsed(found);
  assert.equal(found.data.attributes.total, 3);
  assert.equal(found.data.attributes.incidents[0].data.attributes.title, 'listed three');
  const oldest = await api.searchIncidents({ query: 'state:active', sort: 'created' });
  assert.equal(oldest.data.attributes.incidents[0].data.attributes.title, 'listed one');
  await assert.rejects(api.searchIncidents({ query: 'colour:red' }), (error) => error.code === 400);
  for (const one of made) await api.deleteIncident({ incidentId: one.data.id });
});

test('todos of an incident are made, ticked and deleted', async () => {
  const api = new v2.IncidentsApi(configuration);
  const incidentId = (await create('with todos')).data.id;
  const made = await api.createIncidentTodo({
    incidentId, body: { data: { type: 'incident_todos', attributes: { content: 'Look at it', assignees: ['@ada'] } } },
  });
  assertParsed(made);
  const todoId = made.data.id;
  const ticked = await api.updateIncidentTodo({
    incidentId, todoId,
    body: { data: { type: 'incident_todos', attributes: { content: 'Look at it', assignees: ['@ada'], completed: '2026-01-02T03:04:05+00:00' } } },
  });
  assertParsed(ticked);
  assert.equal(ticked.data.attributes.completed, '2026-01-02T03:04:05+00:00');
  const listed = await api.listIncidentTodos({ incidentId });
  assertParsed(listed);
  assert.equal(listed.data.length, 1);
  assertParsed(await api.getIncidentTodo({ incidentId, todoId }));
  await api.deleteIncidentTodo({ incidentId, todoId });
  assert.equal((await api.listIncidentTodos({ incidentId })).data.length, 0);
});

test('a case is created, changed, commented, closed and archived', async () => {
  const api = new v2.CaseManagementApi(configuration);
  const projects = await api.getProjects();
  assertParsed(projects);
  const project = await api.createProject({ body: { data: { type: 'project', attributes: { key: 'NODE', name: 'Of the client' } } } });
  assertParsed(project);
  const made = await api.createCase({
    body: {
      data: {
        type: 'case', attributes: { title: 'Costs', typeId: kStandardType, priority: 'P3', description: 'too much' },
        relationships: { project: { data: { id: project.data.id, type: 'project' } } },
      },
    },
  });
  assertParsed(made);
  assert.equal(made.data.attributes.key, 'NODE-1');
  const caseId = made.data.id;
  const one = (attributes) => ({ caseId, body: { data: { type: 'case', attributes } } });
  assertParsed(await api.updatePriority(one({ priority: 'P1' })));
  assertParsed(await api.updateStatus(one({ status: 'IN_PROGRESS' })));
  assertParsed(await api.assignCase(one({ assigneeId: 'ada' })));
  assertParsed(await api.updateCaseTitle(one({ title: 'Costs, renamed' })));
  assertParsed(await api.updateCaseDescription(one({ description: 'far too much' })));
  const commented = await api.commentCase(one({ comment: 'Seen before.' }));
  assertParsed(commented);
  assert.equal(commented.data[0].attributes.cellContent.message, 'Seen before.');
  const read = await api.getCase({ caseId });
  assertParsed(read);
  assert.equal(read.data.attributes.priority, 'P1');
  assert.equal(read.data.relationships.assignee.data.id, 'ada');
  const found = await api.searchCases({ filter: 'status:in_progress project:NODE', pageSize: 10 });
  assertParsed(found);
  assert.equal(found.meta.page.total, 1);
  const empty = { caseId, body: { data: { type: 'case' } } };
  assert.equal((await api.unassignCase(empty)).data.relationships.assignee.data, null);
  const closed = await api.updateStatus(one({ status: 'CLOSED' }));
  assert.ok(closed.data.attributes.closedAt instanceof Date);
  assert.ok((await api.archiveCase(empty)).data.attributes.archivedAt instanceof Date);
  assertParsed(await api.unarchiveCase(empty));
  await assert.rejects(api.updateCaseTitle(one({ title: ' ' })), (error) => error.code === 400);
  await assert.rejects(api.deleteProject({ projectId: project.data.id }), (error) => error.code === 400);
  await server.call('DELETE', `/api/godseye/v1/cases/${caseId}`);
  await api.deleteProject({ projectId: project.data.id });
});

test('datadog-api-client (PyPI)', { timeout: 90_000 }, async (suite) => {
  const ended = await runToEnd(kPython, ['-W', 'default', join(kRoot, 'tests/conformance/python/incidents.py')], {
    seconds: 80,
    env: {
      GE_URL: server.url, GE_API_KEY: server.apiKey, GE_APP_KEY: server.appKey, GE_SINK: '', GE_STATSD_HOST: '127.0.0.1',
      GE_STATSD_PORT: '1', GE_STATSD_SOCKET: '', GE_STATSD_STREAM_SOCKET: '', PYTHONUNBUFFERED: '1',
    },
  });
  const steps = ended.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  for (const step of steps) await suite.test(step.step, () => assert.equal(step.error ?? null, null));
  assert.equal(ended.stderr, '');
  assert.equal(ended.code, 0);
  assert.ok(steps.length >= 4, `${steps.length} steps`);
});
