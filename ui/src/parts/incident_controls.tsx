// State, severity and commander of an incident, its export, and the block of whom it is attributed to.
import { useId, useState, type FormEvent } from 'react';
import { changeIncident, exportIncident } from '../api/work';
import { ApiError } from '../api/client';
import { kSeverities, kStates, type Incident, type IncidentChange } from '../model/incidents';
import { BlockNotice } from './block_notice';

interface Props {
  incident: Incident;
  onDone: () => void;
}

export function IncidentControls({ incident, onDone }: Props) {
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [commander, setCommander] = useState<string | null>(null); // null: as the server says
  const run = (change: IncidentChange): void => {
    setBusy(true);
    setError('');
    changeIncident(incident.id, change).then(
      () => {
        setBusy(false);
        setCommander(null);
        onDone();
      },
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  const name = commander ?? incident.commander;
  return (
    <form
      className="incident-controls"
      data-testid="incident-controls"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        run({ commander: name.trim() });
      }}
    >
      <label htmlFor={`${id}-state`}>
        State
        <select id={`${id}-state`} value={incident.state} disabled={busy} onChange={(event) => run({ state: event.target.value })}>
          {kStates.map((state) => (
            <option key={state} value={state}>
              {state}
            </option>
          ))}
        </select>
      </label>
      <label htmlFor={`${id}-severity`}>
        Severity
        <select id={`${id}-severity`} value={incident.severity} disabled={busy} onChange={(event) => run({ severity: event.target.value })}>
          {kSeverities.map((severity) => (
            <option key={severity} value={severity}>
              {severity}
            </option>
          ))}
        </select>
      </label>
      <label className="grow" htmlFor={`${id}-commander`}>
        Commander
        <span className="with-button">
          <input
            id={`${id}-commander`}
            type="text"
            maxLength={100}
            autoComplete="off"
            placeholder="nobody"
            value={name}
            disabled={busy}
            onChange={(event) => setCommander(event.target.value)}
          />
          <button type="submit" disabled={busy || commander === null || name.trim() === incident.commander}>
            Set
          </button>
        </span>
      </label>
      <Export incident={incident} />
      {error !== '' && (
        <p className="problem" role="alert">
          Not changed: {error}
        </p>
      )}
    </form>
  );
}

function Export({ incident }: { incident: Incident }) {
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle');
  const save = (): void => {
    setState('busy');
    exportIncident(incident.id).then(
      (text) => {
        const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
        const link = document.createElement('a');
        link.href = url;
        link.download = `incident-${incident.number ?? incident.id}.md`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(url), 10_000);
        setState('idle');
      },
      () => setState('failed'),
    );
  };
  return (
    <span className="incident-export">
      <button type="button" disabled={state === 'busy'} onClick={save}>
        {state === 'busy' ? 'Writing…' : 'Export as Markdown'}
      </button>
      {state === 'failed' && (
        <span className="problem" role="alert">
          It could not be exported.
        </span>
      )}
    </span>
  );
}

// Only sessions and users can be blocked from here: the others have no name that gateways see.
export function AttributedBlocks({ attributed }: { attributed: readonly string[] }) {
  return attributed.flatMap((tag) => {
    const [, kind, value] = /^(session|user)_id:(.+)$/s.exec(tag) ?? [];
    return value === undefined ? [] : [<BlockNotice key={tag} kind={kind as 'session' | 'user'} value={value} />];
  });
}
