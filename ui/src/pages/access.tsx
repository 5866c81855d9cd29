// Who may do what: oneself, one's sessions and keys, and for those who may see them everybody's.
import { useMemo, useState, type FormEvent } from 'react';
import { ApiError, deleteJson, putJson } from '../api/client';
import { useResource } from '../api/resource';
import { signOut, useMay, useSession } from '../api/session';
import { browserName, readBrowsers, readPermissions, readUsers } from '../model/access';
import { Confirm } from '../parts/confirm';
import { KeyTable } from '../parts/key_table';
import { Label } from '../parts/plain';
import { EmptyState, ErrorState, Loading } from '../parts/states';
import { TimeText } from '../parts/time_text';
import { UserTable } from '../parts/user_table';

const kAccess = '/api/godseye/v1/access';

export function AccessPage() {
  const session = useSession();
  const seesUsers = useMay('user_access_read');
  const answer = useResource<unknown>(seesUsers ? '/api/v2/users?page[size]=1000' : null);
  const users = useMemo(() => (answer.data === null ? null : readUsers(answer.data)), [answer.data]);
  const owners = useMemo(() => new Map((users ?? []).map((user) => [user.id, user.handle])), [users]);
  const table = useResource<unknown>(seesUsers ? '/api/v2/permissions' : null);
  const permissions = useMemo(
    () => readPermissions(table.data).filter((one) => one.name !== 'signed_in' && (session.all || session.permissions.has(one.name))),
    [table.data, session],
  );
  const person = session.kind === 'user';
  const ownKeys = useMay('user_app_keys');
  const allKeys = useMay('org_app_keys_read');
  const revokesAll = useMay('org_app_keys_write');
  return (
    <>
      <div className="page-head">
        <h1 tabIndex={-1}>Access</h1>
      </div>
      <You />
      {person && <Browsers />}
      {ownKeys && (
        <KeyTable
          title={person ? 'Your application keys' : 'Application keys of nobody'}
          path="/api/v2/current_user/application_keys"
          type="application_keys"
          makes
          revokes
          scopes={permissions}
          empty={person ? 'You have no application keys' : 'There are none'}
        />
      )}
      <ApiKeys owners={owners} />
      {allKeys && (
        <KeyTable
          title="Everybody’s application keys"
          path="/api/v2/application_keys"
          type="application_keys"
          makes={false}
          revokes={revokesAll}
          owners={owners}
          empty="There are none"
        />
      )}
      {seesUsers && <UserTable answer={answer} users={users} />}
    </>
  );
}

function ApiKeys({ owners }: { owners: ReadonlyMap<string, string> }) {
  const reads = useMay('api_keys_read');
  const writes = useMay('api_keys_write');
  if (!reads) return null;
  return <KeyTable title="API keys: for what sends data" path="/api/v2/api_keys" type="api_keys" makes={writes} revokes={writes} owners={owners} empty="There are none: nothing can send data" />;
}

function You() {
  const session = useSession();
  const [form, setForm] = useState(false);
  if (session.kind === 'anonymous') {
    return (
      <p className="notice" data-testid="you">
        This server trusts whoever asks from its own machine: everything is allowed here, without signing in
        (<code>--anonymous-loopback</code>). Users and keys are for all others.
      </p>
    );
  }
  if (session.kind !== 'user') {
    return (
      <p className="notice" data-testid="you">
        These pages use <strong><Label text={session.name || 'keys'} max={80} /></strong> of this tab. Add a user below, and people can sign in with a name of their own.
      </p>
    );
  }
  return (
    <section className="panel" aria-label="You" data-testid="you">
      <div className="panel-head">
        <h2>
          <Label text={session.name} max={80} />, {session.role}
        </h2>
        <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
          Change password…
        </button>
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
      {form && <PasswordForm onDone={() => setForm(false)} />}
    </section>
  );
}

function PasswordForm({ onDone }: { onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (form.get('new') !== form.get('again')) {
      setError('The two new ones differ.');
      return;
    }
    setBusy(true);
    setError('');
    putJson(`${kAccess}/password`, { current: String(form.get('current')), new: String(form.get('new')) }).then(onDone, (failed: unknown) => {
      setBusy(false);
      setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
    });
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="password-form">
      <label>
        Password now
        <input name="current" type="password" required maxLength={256} autoComplete="current-password" />
      </label>
      <label>
        New one
        <input name="new" type="password" required minLength={10} maxLength={256} autoComplete="new-password" />
      </label>
      <label>
        Again
        <input name="again" type="password" required minLength={10} maxLength={256} autoComplete="new-password" />
      </label>
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Changing…' : 'Change it'}
      </button>
      <p className="muted">All your other sessions end.</p>
      {error !== '' && (
        <p className="problem" role="alert">
          Not changed: {error}
        </p>
      )}
    </form>
  );
}

function Browsers() {
  const answer = useResource<unknown>(`${kAccess}/sessions`);
  const browsers = useMemo(() => (answer.data === null ? null : readBrowsers(answer.data)), [answer.data]);
  return (
    <section className="panel" aria-label="Your sessions" data-testid="sessions">
      <h2>Where you are signed in</h2>
      {browsers ? (
        browsers.length > 0 ? (
          <div className="scroll">
            <table className="table cards">
              <thead>
                <tr>
                  <th scope="col">Browser</th>
                  <th scope="col">From</th>
                  <th scope="col">Since</th>
                  <th scope="col">Last used</th>
                  <th scope="col">End</th>
                </tr>
              </thead>
              <tbody>
                {browsers.map((one) => (
                  <tr key={one.id}>
                    <th scope="row">
                      <Label text={browserName(one.agent)} max={80} />
                    </th>
                    <td data-label="From">
                      <Label text={one.address} max={60} />
                    </td>
                    <td data-label="Since">
                      <TimeText time_s={one.created_s} />
                    </td>
                    <td data-label="Last used">{one.here ? 'this one' : <TimeText time_s={one.seen_s} />}</td>
                    <td data-label="End">
                      {!one.here && (
                        <Confirm label="End…" question="Who uses it must sign in again." yes="Yes, end it" onYes={() => deleteJson(`${kAccess}/sessions/${one.id}`).then(answer.reload)} />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <EmptyState title="Nowhere" />
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading your sessions" retry={answer.reload} />
      ) : (
        <Loading what="your sessions" />
      )}
    </section>
  );
}
