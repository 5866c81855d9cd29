// Signing in. The address of the page that was asked for stays in the bar, so one is there afterwards.
import { useState, type FormEvent } from 'react';
import { ApiError } from '../api/client';
import { checkKeys, saveKeys } from '../api/keys';
import { loadSession, signIn } from '../api/session';
import { Icon } from '../parts/icon';

export function SignInPage() {
  const [keys, setKeys] = useState(false);
  return (
    <main className="sign-in" id="main">
      <p className="brand">
        <Icon name="eye" />
        <span>Godseye</span>
      </p>
      <section className="panel" aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">Sign in</h1>
        {keys ? <KeyForm /> : <PasswordForm />}
        <button type="button" className="quiet" onClick={() => setKeys(!keys)}>
          {keys ? 'Sign in with a password' : 'Use keys instead'}
        </button>
      </section>
      <p className="muted">No account? An admin makes one on the page Access, or with <code>godseye user add</code>.</p>
    </main>
  );
}

function PasswordForm() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem('');
    signIn(String(form.get('handle')).trim(), String(form.get('password'))).catch((failed: unknown) => {
      setBusy(false);
      setProblem(textOf(failed));
    });
  };
  return (
    <form onSubmit={send} data-testid="sign-in-form">
      <label>
        Name
        <input name="handle" type="text" required maxLength={100} autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus />
      </label>
      <label>
        Password
        <input name="password" type="password" required maxLength={256} autoComplete="current-password" />
      </label>
      {problem !== '' && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  );
}

function textOf(failed: unknown): string {
  if (!(failed instanceof ApiError)) return 'It could not be sent.';
  if (failed.status === 401) return 'The name or the password is wrong.';
  if (failed.status === 429) return 'Too many attempts. Wait a quarter of an hour, then try again.';
  return failed.messages.join(': ') || failed.message;
}

function KeyForm() {
  const [problem, setProblem] = useState<string | null>(null);
  const send = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const keys = { api: String(form.get('api')).trim(), application: String(form.get('application')).trim() };
    const wrong = checkKeys(keys);
    setProblem(wrong);
    if (wrong !== null) return;
    saveKeys(keys);
    void loadSession().then(() => setProblem('The server refused these keys.')); // still here: nobody is known by them
  };
  return (
    <form onSubmit={send} noValidate>
      <label>
        API key
        <input name="api" autoComplete="off" spellCheck={false} placeholder="32 hexadecimal digits" autoFocus />
      </label>
      <label>
        Application key
        <input name="application" autoComplete="off" spellCheck={false} placeholder="40 hexadecimal digits" />
      </label>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className="primary">
        Use these keys
      </button>
    </form>
  );
}
