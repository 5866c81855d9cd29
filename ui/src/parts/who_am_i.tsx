// Who is signed in, at the foot of the menu, with the way out.
import { useState } from 'react';
import { signOut, useSession } from '../api/session';
import { Link } from '../router';
import { Label } from './plain';

export function WhoAmI() {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  if (session.kind !== 'user') return null;
  const leave = (): void => {
    setBusy(true);
    void signOut().finally(() => setBusy(false));
  };
  return (
    <div className="who" data-testid="who">
      <Link to="/access" className="who-name">
        <Label text={session.name} max={40} />
        <small>{session.role}</small>
      </Link>
      <button type="button" className="quiet" disabled={busy} onClick={leave}>
        Sign out
      </button>
    </div>
  );
}
