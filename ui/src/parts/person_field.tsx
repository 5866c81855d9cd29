// Who has it: one of the users. Where there are none (keys alone) it is any name. Without the permission the name alone.
import { useId, useState, type FormEvent } from 'react';
import { useResource } from '../api/resource';
import { useMay } from '../api/session';
import { readUsers } from '../model/access';
import { Label } from './plain';

interface Props {
  label: string;
  value: string; // empty: nobody
  busy: boolean;
  permission: string;
  set: (to: string) => void;
}

export function PersonField({ label, value, busy, permission, set }: Props) {
  const id = useId();
  const may = useMay(permission);
  const users = useResource<unknown>(may ? '/api/v2/users?page[size]=100' : null);
  const people = readUsers(users.data).filter((person) => !person.disabled);
  if (!may) {
    return (
      <span className="grow">
        {label}: {value === '' ? <span className="muted">nobody</span> : <Label text={value} max={80} />}
      </span>
    );
  }
  if (people.length === 0) return <FreeName label={label} value={value} busy={busy} set={set} />;
  const known = value === '' || people.some((person) => person.handle === value);
  return (
    <label className="grow" htmlFor={id}>
      {label}
      <select id={id} value={value} disabled={busy} onChange={(event) => set(event.target.value)}>
        <option value="">nobody</option>
        {!known && <option value={value}>{value} (no user here)</option>}
        {people.map((person) => (
          <option key={person.handle} value={person.handle}>
            {person.name === '' || person.name === person.handle ? person.handle : `${person.name} (${person.handle})`}
          </option>
        ))}
      </select>
    </label>
  );
}

function FreeName({ label, value, busy, set }: Omit<Props, 'permission'>) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null); // null: as the server says
  const name = typed ?? value;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    set(name.trim());
    setTyped(null);
  };
  return (
    <form className="grow" onSubmit={submit}>
      <label htmlFor={id}>
        {label}
        <span className="with-button">
          <input
            id={id}
            type="text"
            maxLength={100}
            autoComplete="off"
            placeholder="nobody"
            value={name}
            disabled={busy}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit" disabled={busy || typed === null || name.trim() === value}>
            Set
          </button>
        </span>
      </label>
    </form>
  );
}
