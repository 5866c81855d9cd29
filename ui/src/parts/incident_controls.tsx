// State, severity and commander of an incident, its export, and the block of whom it is attributed to.
import { useId, useState } from 'react';
import { changeIncident, exportIncident } from '../api/work';
import { ApiError } from '../api/client';
import { useMay } from '../api/session';
import { kSeverities, kStates, type Incident, type IncidentChange } from '../model/incidents';
import { BlockNotice } from './block_notice';
import { PersonField } from './person_field';

interface Props {
  incident: Incident;
  onDone: () => void;
}

export function IncidentControls({ incident, onDone }: Props) {
  const id = useId();
  const may = useMay('incident_write');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const run = (change: IncidentChange): void => {
    setBusy(true);
    setError('');
    changeIncident(incident.id, change).then(
      () => {
        setBusy(false);
        onDone();
      },
      (failed: unknown) => {
        setBusy(false);
        setError(failed instanceof ApiError ? failed.message : 'It could not be sent.');
      },
    );
  };
  return (
    <div className="incident-controls" data-testid="incident-controls">
      {may && (
        <>
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
          <PersonField label="Commander" value={incident.commander} busy={busy} permission="incident_write" set={(commander) => run({ commander })} />
        </>
      )}
      <Export incident={incident} />
      {error !== '' && (
        <p className="problem" role="alert">
          Not changed: {error}
        </p>
      )}
    </div>
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
