// Who may sign in, and as what. Changes are for admins; the server keeps at least one.
import { useId, useState, type FormEvent } from 'react';
import { ApiError, patchJson, postJson } from '../api/client';
import { useMay, useSession } from '../api/session';
import type { Resource } from '../api/resource';
import { kRoles, type User } from '../model/access';
import { asObject, asText } from '../model/json';
import { Confirm } from './confirm';
import { Pager } from './pager';
import { Label } from './plain';
import { ShownOnce } from './shown_once';
import { EmptyState, ErrorState, Loading, StaleNotice } from './states';
import { TimeText } from './time_text';

const kPath = '/api/godseye/v1/access/users';
const kRows = 50;

const pathOf = (user: User): string => `${kPath}/${encodeURIComponent(user.id)}`;
const reason = (failed: unknown): string => (failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');

export function UserTable({ answer, users }: { answer: Resource<unknown>; users: User[] | null }) {
  const manages = useMay('user_access_manage');
  const [form, setForm] = useState(false);
  const [secret, setSecret] = useState({ whose: '', text: '' });
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil((users ?? []).length / kRows));
  const at = Math.min(page, pages - 1);
  const made = (raw: unknown): void => {
    const user = asObject(raw);
    setSecret({ whose: asText(user['handle']), text: asText(user['password']) });
    setForm(false);
    answer.reload();
  };
  return (
    <section className="panel" aria-label="Users" aria-busy={answer.loading} data-testid="users">
      <div className="panel-head">
        <h2>Users</h2>
        {manages && (
          <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
            Add a user…
          </button>
        )}
      </div>
      {form && <UserForm onMade={made} />}
      {secret.text !== '' && <ShownOnce what={`The password of ${secret.whose}.`} text={secret.text} onDone={() => setSecret({ whose: '', text: '' })} />}
      <StaleNotice error={users ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {users ? (
        users.length > 0 ? (
          <>
            <div className="scroll">
              <table className="table cards">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Role</th>
                    <th scope="col">State</th>
                    <th scope="col">Last signed in</th>
                    {manages && <th scope="col">Change</th>}
                  </tr>
                </thead>
                <tbody>
                  {users.slice(at * kRows, (at + 1) * kRows).map((user) => (
                    <UserRow key={user.id} user={user} manages={manages} onChange={answer.reload} onSecret={made} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager page={at} pages={pages} total={users.length} what="users" onPage={setPage} />
          </>
        ) : (
          <EmptyState title="Nobody can sign in yet">
            {manages ? 'Add the first one here, as an admin.' : 'An admin adds people with a key: '}
            {!manages && <code>godseye user add ana --role admin</code>}
          </EmptyState>
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading users" retry={answer.reload} />
      ) : (
        <Loading what="users" />
      )}
    </section>
  );
}

interface UserRowProps {
  user: User;
  manages: boolean;
  onChange: () => void;
  onSecret: (answer: unknown) => void;
}

function UserRow({ user, manages, onChange, onSecret }: UserRowProps) {
  const me = useSession().name === user.handle;
  const [error, setError] = useState('');
  const setRole = (role: string): void => {
    setError('');
    patchJson(pathOf(user), { role }).then(onChange, (failed: unknown) => {
      setError(reason(failed));
      onChange();
    });
  };
  return (
    <tr className={user.disabled ? 'idle' : undefined}>
      <th scope="row">
        <Label text={user.handle} max={80} /> {me && <small className="muted">you</small>}
        {user.name !== user.handle && (
          <small className="muted">
            <Label text={user.name} max={80} />
          </small>
        )}
      </th>
      <td data-label="Role">
        {manages ? (
          <select aria-label={`Role of ${user.handle}`} value={user.role} onChange={(event) => setRole(event.target.value)}>
            {kRoles.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        ) : (
          user.role
        )}
        {error !== '' && (
          <p className="problem" role="alert">
            Not changed: {error}
          </p>
        )}
      </td>
      <td data-label="State">{user.status === 'Pending' ? 'no password yet' : user.status.toLowerCase()}</td>
      <td data-label="Last signed in">{user.signedIn_s === null ? <span className="muted">never</span> : <TimeText time_s={user.signedIn_s} />}</td>
      {manages && (
        <td data-label="Change" className="actions">
          <Confirm
            label="New password…"
            question="The old one ends, and so do all sessions of this user."
            yes="Yes, make one"
            onYes={() => postJson<unknown>(`${pathOf(user)}/password`, {}).then(onSecret)}
          />
          <Confirm
            label={user.disabled ? 'Enable…' : 'Disable…'}
            question={user.disabled ? 'This user can sign in again.' : 'This user is signed out, and keys of theirs stop working.'}
            yes={user.disabled ? 'Yes, enable' : 'Yes, disable'}
            danger={!user.disabled}
            onYes={() => patchJson(pathOf(user), { disabled: !user.disabled }).then(onChange)}
          />
        </td>
      )}
    </tr>
  );
}

function UserForm({ onMade }: { onMade: (answer: unknown) => void }) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError('');
    postJson<unknown>(kPath, { handle: String(form.get('handle')).trim(), name: String(form.get('name')).trim(), role: String(form.get('role')) }).then(
      onMade,
      (failed: unknown) => {
        setBusy(false);
        setError(reason(failed));
      },
    );
  };
  return (
    <form className="block-form" onSubmit={send} data-testid="user-form">
      <label className="grow" htmlFor={`${id}-handle`}>
        Name to sign in with
        <input id={`${id}-handle`} name="handle" type="text" required maxLength={100} autoComplete="off" autoCapitalize="none" spellCheck={false} placeholder="ana or ana@example.com" />
      </label>
      <label className="grow" htmlFor={`${id}-name`}>
        Full name
        <input id={`${id}-name`} name="name" type="text" maxLength={100} autoComplete="off" />
      </label>
      <label htmlFor={`${id}-role`}>
        Role
        <select id={`${id}-role`} name="role" defaultValue="viewer">
          {kRoles.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Adding…' : 'Add'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not added: {error}
        </p>
      )}
    </form>
  );
}
