// States and severities as colour, shape and word together: none of them alone is enough for everyone.
import { readState, type State } from '../model/monitors';
import { attributionPath } from '../model/spans_url';
import { Link } from '../router';
import { Icon, type IconName } from './icon';

const kStateIcon: Readonly<Record<State, IconName>> = {
  Alert: 'alert',
  Warn: 'warn',
  'No Data': 'unknown',
  Unknown: 'unknown',
  OK: 'ok',
  Skipped: 'unknown',
  Ignored: 'unknown',
};

export function stateClass(state: State): string {
  return { Alert: 'bad', Warn: 'warn', OK: 'good', 'No Data': 'none', Unknown: 'none', Skipped: 'none', Ignored: 'none' }[
    state
  ];
}

export function StateBadge({ state }: { state: string | undefined }) {
  const known = readState(state);
  return (
    <span className={`badge badge-${stateClass(known)}`}>
      <Icon name={kStateIcon[known]} />
      {known}
    </span>
  );
}

export function IncidentBadge({ state, open }: { state: string; open: boolean }) {
  return (
    <span className={`badge badge-${open ? 'bad' : 'good'}`}>
      <Icon name={open ? 'alert' : 'ok'} />
      {state === '' ? 'Unknown' : state.charAt(0).toUpperCase() + state.slice(1)}
    </span>
  );
}

export function Severity({ severity }: { severity: string }) {
  const level = /^SEV-[01]$/.test(severity) ? 'bad' : /^SEV-2$/.test(severity) ? 'warn' : 'none';
  return <span className={`severity severity-${level}`}>{severity === 'UNKNOWN' ? 'SEV –' : severity}</span>;
}

interface NamedProps {
  values: readonly string[];
  empty?: string;
  linked?: boolean; // sessions and users lead to their pages; not inside another link
}

// Whom something is attributed to. Values come from telemetry: text only.
export function Named({ values, empty = 'nobody named', linked = false }: NamedProps) {
  if (values.length === 0) return <span className="muted">{empty}</span>;
  const shown = values.slice(0, kNamedMax);
  return (
    <span className="named-list">
      {shown.map((value) => (
        <NamedOne key={value} value={value} to={linked ? attributionPath(value) : null} />
      ))}
      {values.length > shown.length && <span className="muted">and {values.length - shown.length} more</span>}
    </span>
  );
}

const kNamedMax = 8;

function NamedOne({ value, to }: { value: string; to: string | null }) {
  const colon = value.indexOf(':');
  const text = colon > 0 ? value.slice(colon + 1) : value;
  return (
    <span className="named" title={value}>
      {colon > 0 && <span className="named-key">{value.slice(0, colon)}</span>}
      {to === null ? (
        <span className="named-value">{text}</span>
      ) : (
        <Link to={to} className="named-value">
          {text}
        </Link>
      )}
    </span>
  );
}
