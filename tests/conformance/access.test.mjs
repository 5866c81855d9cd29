// Users, roles and keys with @datadog/datadog-api-client, unmodified; and application keys with scopes in its hands.
import './quiet.mjs';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server } from '../harness/server.mjs';

const { client, v1, v2 } = await import('@datadog/datadog-api-client').then((module) => module.default);

let server;
let admin;

function configure(appKey) {
  return client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(server.url, {}), authMethods: { apiKeyAuth: server.apiKey, appKeyAuth: appKey },
  });
}

function assertParsed(value, path = 'answer') {
  if (value === null || typeof value !== 'object' || value instanceof Date) return;
  assert.ok(!value._unparsed, `${path} could not be parsed by the client: ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) assertParsed(inner, `${path}.${key}`);
}

const read = (answer) => (assertParsed(answer), answer.data);

before(async () => {
  server = await Server.start();
  admin = configure(server.appKey);
});
after(() => server.stop());

test('an application key with scopes may those and no more', async () => {
  const keys = new v2.KeyManagementApi(admin);
  const made = read(await keys.createCurrentUserApplicationKey({
    body: { data: { type: 'application_keys', attributes: { name: 'read only', scopes: ['monitors_read', 'dashboards_read'] } } },
  }));
  assert.match(made.attributes.key, /^[0-9a-f]{40}$/);
  assert.deepEqual(made.attributes.scopes, ['monitors_read', 'dashboards_read']);
  const monitors = new v1.MonitorsApi(configure(made.attributes.key));
  assert.deepEqual(await monitors.listMonitors(), []);
  const body = { name: 'x', type: 'query alert', query: 'avg(last_5m):avg:a.b{*} > 1', message: '' };
  await assert.rejects(monitors.createMonitor({ body }), (error) => error.code === 403 && JSON.stringify(error.body ?? error).includes('monitors_write'));
  await assert.rejects(new v2.UsersApi(configure(made.attributes.key)).listUsers(), (error) => error.code === 403);
  const listed = read(await keys.listCurrentUserApplicationKeys());
  assert.ok(listed.some((key) => key.id === made.id && key.attributes.last4 === made.attributes.key.slice(-4)));
  const changed = read(await keys.updateCurrentUserApplicationKey({
    appKeyId: made.id,
    body: { data: { id: made.id, type: 'application_keys', attributes: { name: 'writes', scopes: ['monitors_read', 'monitors_write'] } } },
  }));
  assert.equal(changed.attributes.name, 'writes');
  const created = await monitors.createMonitor({ body });
  await monitors.deleteMonitor({ monitorId: created.id });
  await keys.deleteCurrentUserApplicationKey({ appKeyId: made.id });
  await assert.rejects(monitors.listMonitors(), (error) => error.code === 403);
});

test('API keys are made, renamed, listed and revoked', async () => {
  const keys = new v2.KeyManagementApi(admin);
  const made = read(await keys.createAPIKey({ body: { data: { type: 'api_keys', attributes: { name: 'shop' } } } }));
  assert.match(made.attributes.key, /^[0-9a-f]{32}$/);
  const own = client.createConfiguration({ baseServer: new client.BaseServerConfiguration(server.url, {}), authMethods: { apiKeyAuth: made.attributes.key, appKeyAuth: server.appKey } });
  assert.equal((await new v1.AuthenticationApi(own).validate()).valid, true);
  assert.equal(read(await keys.updateAPIKey({ apiKeyId: made.id, body: { data: { id: made.id, type: 'api_keys', attributes: { name: 'shop 2' } } } })).attributes.name, 'shop 2');
  assert.equal(read(await keys.getAPIKey({ apiKeyId: made.id })).attributes.last4, made.attributes.key.slice(-4));
  assert.ok(read(await keys.listAPIKeys({})).some((key) => key.id === made.id));
  await keys.deleteAPIKey({ apiKeyId: made.id });
  await assert.rejects(new v1.AuthenticationApi(own).validate(), (error) => error.code === 403);
});

test('users are invited, given a role, disabled', async () => {
  const users = new v2.UsersApi(admin);
  const roles = read(await new v2.RolesApi(admin).listRoles({}));
  assert.deepEqual(roles.map((role) => role.attributes.name), ['viewer', 'responder', 'editor', 'admin']);
  const made = read(await users.createUser({
    body: { data: { type: 'users', attributes: { email: 'bo@example.com', name: 'Bo' }, relationships: { roles: { data: [{ id: roles[1].id, type: 'roles' }] } } } },
  }));
  assert.equal(made.attributes.handle, 'bo@example.com');
  assert.equal(made.relationships.roles.data[0].id, roles[1].id);
  await new v2.RolesApi(admin).addUserToRole({ roleId: roles[2].id, body: { data: { id: made.id, type: 'users' } } });
  assert.equal(read(await users.getUser({ userId: made.id })).relationships.roles.data[0].id, roles[2].id);
  await users.disableUser({ userId: made.id });
  assert.equal(read(await users.listUsers({ filter: 'bo@' }))[0].attributes.disabled, true);
  assert.ok(read(await new v2.RolesApi(admin).listPermissions()).some((one) => one.attributes.name === 'monitors_write'));
});
