// Keys of one kind: what they are for, who has them, when they were used; made, and revoked with two presses.
import { useId, useMemo, useState, type FormEvent } from 'react';
import { ApiError, deleteJson, postJson } from '../api/client';
import { useResource } from '../api/resource';
import { readKeys, type Key, type Permission } from '../model/access';
import { asObject, asText } from '../model/json';
import { Confirm } from './confirm';
import { Pager } from './pager';
import { Label } from './plain';
import { ShownOnce } from './shown_once';
import { EmptyState, ErrorState, Loading, StaleNotice } from './states';
import { TimeText } from './time_text';

const kRows = 50;
const kAsked = 1000;

interface KeyTableProps {
  title: string;
  path: string; // of the API
  type: 'api_keys' | 'application_keys';
  makes: boolean;
  revokes: boolean;
  scopes?: readonly Permission[]; // that can be chosen
  owners?: ReadonlyMap<string, string>; // names by UUID; given: a column
  empty: string;
}

export function KeyTable({ title, path, type, makes, revokes, scopes, owners, empty }: KeyTableProps) {
  const answer = useResource<unknown>(`${path}?page[size]=${kAsked}`);
  const keys = useMemo(() => (answer.data === null ? null : readKeys(answer.data)), [answer.data]);
  const [made, setMade] = useState('');
  const [form, setForm] = useState(false);
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil((keys ?? []).length / kRows));
  const at = Math.min(page, pages - 1);
  return (
    <section className="panel" aria-label={title} aria-busy={answer.loading} data-testid={`${path.split('/').slice(-2).join('-')}`}>
      <div className="panel-head">
        <h2>{title}</h2>
        {makes && (
          <button type="button" aria-expanded={form} onClick={() => setForm(!form)}>
            New key…
          </button>
        )}
      </div>
      {form && (
        <KeyForm
          path={path}
          type={type}
          {...(scopes === undefined ? {} : { scopes })}
          onMade={(text) => {
            setMade(text);
            setForm(false);
            answer.reload();
          }}
        />
      )}
      {made !== '' && <ShownOnce what="The new key." text={made} onDone={() => setMade('')} />}
      <StaleNotice error={keys ? answer.error : null} loaded_s={answer.loaded_s} retry={answer.reload} />
      {keys ? (
        keys.length > 0 ? (
          <>
            <div className="scroll">
              <table className="table cards">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    {owners && <th scope="col">Of</th>}
                    {type === 'application_keys' && <th scope="col">May</th>}
                    <th scope="col">Made</th>
                    <th scope="col">Last used</th>
                    {revokes && <th scope="col">Revoke</th>}
                  </tr>
                </thead>
                <tbody>
                  {keys.slice(at * kRows, (at + 1) * kRows).map((key) => (
                    <KeyRow key={key.id} one={key} path={path} revokes={revokes} limited={type === 'application_keys'} {...(owners === undefined ? {} : { owners })} onChange={answer.reload} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager page={at} pages={pages} total={keys.length} what="keys" onPage={setPage} />
          </>
        ) : (
          <EmptyState title={empty} />
        )
      ) : answer.error ? (
        <ErrorState error={answer.error} what="loading keys" retry={answer.reload} />
      ) : (
        <Loading what="keys" />
      )}
    </section>
  );
}

interface KeyRowProps {
  one: Key;
  path: string;
  revokes: boolean;
  limited: boolean;
  owners?: ReadonlyMap<string, string>;
  onChange: () => void;
}

function KeyRow({ one, path, revokes, limited, owners, onChange }: KeyRowProps) {
  return (
    <tr>
      <th scope="row">
        <Label text={one.name} max={80} /> <small className="muted">…{one.last4}</small>
      </th>
      {owners && (
        <td data-label="Of">
          {one.owner === '' ? <span className="muted">nobody</span> : <Label text={owners.get(one.owner) ?? one.owner} max={60} />}
        </td>
      )}
      {limited && (
        <td data-label="May" className="scopes">
          {one.scopes === null ? (one.owner === '' ? 'everything' : 'all that its owner may') : one.scopes.length === 0 ? 'nothing' : <Label text={one.scopes.join(', ')} max={300} />}
        </td>
      )}
      <td data-label="Made">
        <TimeText time_s={one.created_s} />
      </td>
      <td data-label="Last used">{one.used_s === null ? <span className="muted">never</span> : <TimeText time_s={one.used_s} />}</td>
      {revokes && (
        <td data-label="Revoke">
          <Confirm
            label="Revoke…"
            question="What uses this key is refused from now on."
            yes="Yes, revoke"
            danger
            onYes={() => deleteJson(`${path}/${encodeURIComponent(one.id)}`).then(onChange)}
          />
        </td>
      )}
    </tr>
  );
}

interface KeyFormProps {
  path: string;
  type: string;
  scopes?: readonly Permission[];
  onMade: (text: string) => void;
}

function KeyForm({ path, type, scopes, onMade }: KeyFormProps) {
  const id = useId();
  const [name, setName] = useState('');
  const [limited, setLimited] = useState(true);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const choose = (scope: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(scope);
    else next.delete(scope);
    setChosen(next);
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError('');
    const attributes = scopes === undefined ? { name: name.trim() } : { name: name.trim(), scopes: limited ? [...chosen] : null };
    postJson<unknown>(path, { data: { type, attributes } }).then(
      (answer) => onMade(asText(asObject(asObject(asObject(answer)['data'])['attributes'])['key'])),
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.messages.join('; ') || failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <form className="block-form key-form" onSubmit={send} data-testid="key-form">
      <label className="grow" htmlFor={`${id}-name`}>
        What it is for
        <input id={`${id}-name`} type="text" required maxLength={200} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      {scopes !== undefined && (
        <fieldset className="scopes-list">
          <legend>What it may</legend>
          <label>
            <input type="checkbox" checked={!limited} onChange={(event) => setLimited(!event.target.checked)} /> All that I may
          </label>
          {limited &&
            scopes.map((scope) => (
              <label key={scope.name} title={scope.text}>
                <input type="checkbox" checked={chosen.has(scope.name)} onChange={(event) => choose(scope.name, event.target.checked)} /> {scope.name}
              </label>
            ))}
        </fieldset>
      )}
      <button type="submit" className="primary" disabled={busy || name.trim() === '' || (scopes !== undefined && limited && chosen.size === 0)}>
        {busy ? 'Making…' : 'Make the key'}
      </button>
      {error !== '' && (
        <p className="problem" role="alert">
          Not made: {error}
        </p>
      )}
    </form>
  );
}
